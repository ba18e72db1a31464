/** The composition root: one Config becomes a listening proxy whose HTTP connections are traced. */
import { readText } from "../ffi/file.ts";
import { linuxKernel } from "../ffi/kernel.ts";
import { fileLimit } from "../ffi/socket.ts";
import { Access } from "./access.ts";
import { Readiness } from "./admin/readiness.ts";
import type { Config } from "./config.ts";
import { describeCounters } from "./counters.ts";
import { Drain } from "./drain.ts";
import { serveEndpoints } from "./endpoints.ts";
import { followHttp } from "./follow-http.ts";
import type { Log, ProcessLog } from "./log.ts";
import { createMeasuring } from "./measuring.ts";
import { OpaqueReasons } from "./mesh/opaque-reasons.ts";
import type { Scrape } from "./metrics/metrics.ts";
import { possibleConnections } from "./proxy/capacity.ts";
import { type Exemption, proveExemption } from "./proxy/exemption.ts";
import { halfClosedIdleSeconds } from "./proxy/keep-alive.ts";
import { NatWatch } from "./proxy/nat-watch.ts";
import { ownIps, reachableOwnIp } from "./proxy/own-ips.ts";
import { ProxyError, type RunningProxy, startProxy } from "./proxy/proxy.ts";
import { createRouting, type HeaderRouting } from "./routing.ts";
import { Clock } from "./trace/clock.ts";
import { createTracing, type Tracing } from "./tracing.ts";

const MAX_CONNECTIONS = 20_000;
/** How long what waits to be sent or read may keep the process from ending. */
const FLUSH_MS = 1000;

export interface App {
  readonly port: number;
  readonly maxConnections: number;
  /** Are our own connections exempt from the rules that redirect to us? */
  proveExemption(): Promise<Exemption>;
  /** From the next request on this configuration holds, on open connections too, as far as it can change live. */
  change(config: Config): void;
  /** From now on others can ask how we are, and more: see endpoints.ts. */
  serveEndpoints(): void;
  /** Ends in order: sessions get their time, then what is left is reset and spans are flushed. */
  drain(hurry: AbortSignal): Promise<void>;
  /** What passed and what was lost since the start, in one line. */
  summary(): string;
  /** Ends now. */
  stop(): void;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: ProcessLog;
  readonly version: string;
  readonly describeConfig: () => Readonly<Record<string, string>>;
}

/** Starts to listen. Nothing is bound if a ProxyError comes back. */
export function startApp(options: AppOptions): App | ProxyError {
  const { config, log, version } = options;
  const tracing = config.trace.disabled ? null : createTracing(config, log, version);
  const access = new Access(log);
  const routing = createRouting(config, log);
  const clock = new Clock();
  const measuring = createMeasuring({ config, log, version, clock, maxFiles: fileLimit() });
  const opaque = new OpaqueReasons(log);
  const { exchanges } = measuring;
  const http = followHttp({ config, log, clock, tracing, access, routing, opaque, exchanges });
  const maxConnections = boundConnections(config.maxConnections, log);
  const proxy = startProxy({
    port: config.port,
    maxConnections,
    connectTimeoutMs: config.connectTimeoutMs,
    halfClosedIdleSeconds: halfClosedIdleSeconds(readText),
    kernel: linuxKernel,
    log,
    handlerFactory: http.handlerFactory,
    observers: [measuring.connections],
    ownIps,
    now: () => performance.now(),
    uid: process.getuid!(),
    gid: process.getgid!(),
  });
  if (proxy instanceof ProxyError) return proxy;
  tracing?.start();
  const { drainGraceMs: graceMs, drainTimeoutMs: timeoutMs } = config;
  const drain = new Drain({ graceMs, timeoutMs, open: () => proxy.openConnections });
  const scrape = measuring.start({ proxy, tracing, opaque, routing, log, access });
  let endpoints = { stop() {} };
  return {
    port: proxy.port,
    maxConnections,
    proveExemption: () => proveExemption(proxy, reachableOwnIp(), config.prometheusPort),
    change: (next) => {
      tracing?.change(next);
      http.change(next);
      routing.change(next);
    },
    serveEndpoints: () => {
      endpoints = openEndpoints(options, proxy, drain, scrape);
    },
    drain: async (hurry) => {
      drain.begin();
      await drain.over(hurry);
      endpoints.stop();
      proxy.stop();
      proxy.resetAll();
      routing.stop();
      measuring.close();
      await Promise.all([tracing?.close(FLUSH_MS), access.close(FLUSH_MS)]);
    },
    summary: () => summarize(proxy, tracing, routing),
    stop: () => {
      proxy.stop();
      proxy.resetAll();
    },
  };
}

function openEndpoints(
  { config, log, describeConfig }: AppOptions,
  proxy: RunningProxy,
  drain: Drain,
  scrape: Scrape,
): { stop(): void } {
  const nat = new NatWatch(proxy, reachableOwnIp);
  return serveEndpoints({
    config,
    log,
    drain,
    describeConfig,
    scrape,
    readiness: new Readiness({ isDraining: () => drain.hasBegun, seesNat: () => nat.sees() }),
    probes: config.appProbes,
    podIp: () => config.podIp ?? reachableOwnIp() ?? "127.0.0.1",
    connections: {
      open: () => proxy.openConnections,
      all: () => proxy.connections(),
      nowMs: () => performance.now(),
    },
  });
}

function summarize({ counters }: RunningProxy, tracing: Tracing | null, routing: HeaderRouting): string {
  const { accepted, refused, loops, closed } = counters;
  const connections = describeCounters({ accepted, ...refused, loops, ...closed });
  const spans = describeCounters(tracing?.counters() ?? {});
  const { counters: routed } = routing.policy;
  const isRouted = Object.values(routed).some((count) => count > 0);
  return `connections: ${connections}; spans: ${spans}${isRouted ? `; routing: ${describeCounters(routed)}` : ""}`;
}

/** As many as are asked for, 0 for the default, and as the file limit carries. */
function boundConnections(asked: number, log: Log): number {
  const files = fileLimit();
  const possible = possibleConnections(files);
  if (asked > possible) {
    log.warn(
      `NETRA_MAX_CONNECTIONS=${asked} needs more than the ${files} open files allowed: ${possible} it is`,
    );
  }
  return Math.min(asked || MAX_CONNECTIONS, possible);
}
