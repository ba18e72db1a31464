/** The composition root: one Config becomes a listening proxy whose HTTP connections are traced. */
import { readText } from "../ffi/file.ts";
import { linuxKernel } from "../ffi/kernel.ts";
import { fileLimit } from "../ffi/socket.ts";
import { Access } from "./access.ts";
import type { ConnectionList } from "./admin/connection-list.ts";
import { Readiness } from "./admin/readiness.ts";
import type { Config } from "./config.ts";
import { describeCounters, describeSpans } from "./counters.ts";
import { Drain } from "./drain.ts";
import { type EndpointsOptions, serveEndpoints } from "./endpoints.ts";
import type { Environment } from "./env.ts";
import { followHttp } from "./follow-http.ts";
import type { ByteSink } from "./log/line-queue.ts";
import type { AdjustableLog, Log } from "./log.ts";
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
import type { Crew } from "./workers/crew.ts";
import type { EventLoop } from "./workers/event-loop.ts";

/** A thread's own, its listener and its sockets for spans and counters. */
const FILES_PER_WORKER = 16;
const MAX_CONNECTIONS = 20_000;
/** How long what waits to be sent or read may keep the process from ending. */
const FLUSH_MS = 1000;

export interface App {
  readonly port: number;
  /** Of this event loop. */
  readonly maxConnections: number;
  /** Are our own connections exempt from the rules that redirect to us? */
  proveExemption(): Promise<Exemption>;
  /** Another event loop has found that they are. */
  trustExemption(): void;
  /**
   * As far as it can change live this configuration holds, on open connections too, from the next request on: once
   * what that needs is loaded. Of calls at once the last one counts.
   */
  change(config: Config): Promise<void>;
  /** From now on others can ask how we are, and more: see endpoints.ts. */
  serveEndpoints(): void;
  /** Ends in order: sessions get their time, then what is left is reset and spans are flushed. */
  drain(hurry: AbortSignal): Promise<void>;
  /** All metrics of this event loop. */
  readonly scrape: Scrape;
  /** Those that are open in this event loop. */
  readonly connections: ConnectionList;
  /** Takes whole lines of another event loop's access log. */
  takeAccess(page: Uint8Array): void;
  /** What passed and what was lost since the start, in one line. */
  summary(): string;
  /** Resets every connection, and sends the last spans and lines. */
  close(): Promise<void>;
  /** Ends now. */
  stop(): void;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: AdjustableLog & Dropping;
  readonly version: string;
  /** All variables that hold now. */
  readonly variables: () => Environment;
  /** Which event loop this is, where there are several. */
  readonly loop: EventLoop | null;
  /** The others, if this is the first one. */
  readonly crew: Crew | null;
  /** Where the access log goes, if not to stdout. */
  readonly openAccessSink?: (() => ByteSink) | undefined;
}

interface Dropping {
  /** Lines that nobody read in time, since the start. */
  readonly dropped: number;
}

/** Starts to listen. Nothing is bound if a ProxyError comes back. */
export async function startApp(options: AppOptions): Promise<App | ProxyError> {
  const { config, log, version, loop, crew } = options;
  const tracing = config.trace.disabled ? null : await createTracing(config, log, version, loop);
  const access = new Access(log, options.openAccessSink);
  const routing = createRouting(config, log, loop);
  const clock = new Clock();
  const measuring = createMeasuring({ config, log, version, clock, maxFiles: fileLimit() });
  const opaque = new OpaqueReasons(log);
  const { exchanges } = measuring;
  const http = await followHttp({ config, log, clock, tracing, access, routing, opaque, exchanges });
  const maxConnections = boundConnections(config.maxConnections, crew?.loops ?? 1, log);
  const proxy = startProxy({
    port: config.port,
    sharing: loop === null ? undefined : loop.number === 1 ? "first" : "next",
    maxConnections,
    connectTimeoutMs: config.connectTimeoutMs,
    halfClosedIdleSeconds: halfClosedIdleSeconds(readText),
    kernel: linuxKernel,
    log,
    handlerFactory: http.handlerFactory,
    observers: [measuring.connections, ...(loop === null ? [] : [loop.board.observer(loop.number)])],
    ownIps,
    now: () => performance.now(),
    uid: process.getuid!(),
    gid: process.getgid!(),
  });
  if (proxy instanceof ProxyError) return proxy;
  tracing?.start();
  const { drainGraceMs: graceMs, drainTimeoutMs: timeoutMs } = config;
  const open = () => crew?.board.open ?? proxy.openConnections;
  const drain = new Drain({ graceMs, timeoutMs, open });
  const isFirst = loop === null || loop.number === 1;
  const scrape = measuring.start({ proxy, tracing, opaque, routing, log, access, isFirst, crew });
  const connections = connectionList(proxy);
  let endpoints = { stop() {} };
  const closeLogs = async () => {
    await crew?.close();
    await access.close(FLUSH_MS);
  };
  const close = async () => {
    endpoints.stop();
    proxy.stop();
    proxy.resetAll();
    routing.stop();
    measuring.close();
    await Promise.all([tracing?.close(FLUSH_MS), closeLogs()]);
  };
  return {
    port: proxy.port,
    maxConnections,
    proveExemption: () => proveExemption(proxy, reachableOwnIp(), config.prometheusPort),
    trustExemption: () => proxy.trustExemption(),
    change: async (next) => {
      routing.change(next);
      await Promise.all([tracing?.change(next), http.change(next)]);
    },
    serveEndpoints: () => {
      endpoints = openEndpoints(options, { proxy, drain, scrape, open, connections });
    },
    drain: async (hurry) => {
      drain.begin();
      await drain.over(hurry);
      await close();
    },
    scrape,
    connections,
    takeAccess: (page) => access.take(page),
    summary: () => summarize(proxy, tracing, routing),
    close,
    stop: () => {
      proxy.stop();
      proxy.resetAll();
    },
  };
}

interface Shown extends Pick<EndpointsOptions, "open" | "connections" | "drain"> {
  readonly proxy: RunningProxy;
  /** Of this event loop alone. */
  readonly scrape: Scrape;
}

function openEndpoints(
  { config, log, variables, crew }: AppOptions,
  { proxy, drain, scrape, open, connections }: Shown,
): { stop(): void } {
  const nat = new NatWatch(proxy, reachableOwnIp);
  return serveEndpoints({
    config,
    log,
    drain,
    variables,
    scrape: crew === null ? scrape : (accept) => crew.scrape(scrape, accept),
    readiness: new Readiness({
      isDraining: () => drain.hasBegun,
      isComplete: () => crew?.isComplete ?? true,
      // The others are started once rules are seen to be in force.
      seesNat: async () => crew?.hasStarted || (await nat.sees()),
    }),
    probes: config.appProbes,
    podIp: () => config.podIp ?? reachableOwnIp() ?? "127.0.0.1",
    open,
    connections,
    workers: crew,
  });
}

function connectionList(proxy: RunningProxy): ConnectionList {
  return {
    open: () => proxy.openConnections,
    all: () => proxy.connections(),
    nowMs: () => performance.now(),
  };
}

function summarize({ counters }: RunningProxy, tracing: Tracing | null, routing: HeaderRouting): string {
  const { accepted, refused, loops, closed } = counters;
  const connections = describeCounters({ accepted, ...refused, loops, ...closed });
  const spans = describeSpans(tracing?.counters() ?? {});
  const { counters: routed } = routing.policy;
  const isRouted = Object.values(routed).some((count) => count > 0);
  return `connections: ${connections}; spans: ${spans}${isRouted ? `; routing: ${describeCounters(routed)}` : ""}`;
}

/** What each of `loops` event loops may have: as many as are asked for, 0 for the default, and as the file limit carries. */
function boundConnections(asked: number, loops: number, log: Log): number {
  const files = fileLimit();
  const possible = possibleConnections(files - (loops - 1) * FILES_PER_WORKER);
  if (asked > possible) {
    log.warn(
      `NETRA_MAX_CONNECTIONS=${asked} needs more than the ${files} open files allowed: ${possible} it is`,
    );
  }
  return Math.max(1, Math.floor(Math.min(asked || MAX_CONNECTIONS, possible) / loops));
}
