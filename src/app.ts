/** The composition root: one Config becomes a listening proxy whose HTTP connections are traced. */
import { readFileSync } from "node:fs";
import { linuxKernel } from "../ffi/kernel.ts";
import { fileLimit } from "../ffi/socket.ts";
import { Access } from "./access.ts";
import type { Config } from "./config.ts";
import { describeCounters } from "./counters.ts";
import { drain } from "./drain.ts";
import { LineLimit } from "./line-limit.ts";
import type { Log } from "./log.ts";
import { HttpHandler, type HttpOptions } from "./mesh/http-handler.ts";
import { ignoredPaths } from "./mesh/ignored-paths.ts";
import { OpaqueReasons } from "./mesh/opaque-reasons.ts";
import { RequestIdPolicy } from "./mesh/policy/request-id.ts";
import { SourcePolicy } from "./mesh/policy/source.ts";
import { type Exemption, proveExemption } from "./proxy/exemption.ts";
import type { HandlerFactory } from "./proxy/handler.ts";
import { halfClosedIdleSeconds } from "./proxy/keep-alive.ts";
import { ownIps, reachableOwnIp } from "./proxy/own-ips.ts";
import { ProxyError, type RunningProxy, startProxy } from "./proxy/proxy.ts";
import { createRouting, type HeaderRouting } from "./routing.ts";
import { Clock } from "./trace/clock.ts";
import { createTracing, type Tracing } from "./tracing.ts";

const RESERVED_FILES = 64;
const FILES_PER_CONNECTION = 2;
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
  /** Ends in order: sessions get their time, then what is left is reset and spans are flushed. */
  drain(hurry: AbortSignal): Promise<void>;
  /** What passed and what was lost since the start, in one line. */
  summary(): string;
  /** Ends now. */
  stop(): void;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
}

/** Starts to listen. Nothing is bound if a ProxyError comes back. */
export function startApp({ config, log, version }: AppOptions): App | ProxyError {
  const tracing = config.trace.disabled ? null : createTracing(config, log, version);
  const access = new Access(log);
  const routing = createRouting(config, log);
  const http = followHttp(config, log, tracing, access, routing);
  const maxConnections = boundConnections(config.maxConnections, log);
  const proxy = startProxy({
    port: config.port,
    maxConnections,
    connectTimeoutMs: config.connectTimeoutMs,
    halfClosedIdleSeconds: halfClosedIdleSeconds(readText),
    kernel: linuxKernel,
    log,
    handlerFactory: http.handlerFactory,
    observers: [],
    ownIps,
    now: () => performance.now(),
    uid: process.getuid!(),
    gid: process.getgid!(),
  });
  if (proxy instanceof ProxyError) return proxy;
  tracing?.start();
  return {
    port: proxy.port,
    maxConnections,
    proveExemption: () => proveExemption(proxy, reachableOwnIp(), config.prometheusPort),
    change: (next) => {
      tracing?.change(next);
      http.change(next);
      routing.change(next);
    },
    drain: (hurry) => drainApp(config, proxy, tracing, access, routing, hurry),
    summary: () => summarize(proxy, tracing, routing),
    stop: () => {
      proxy.stop();
      proxy.resetAll();
    },
  };
}

interface HttpFollowing {
  readonly handlerFactory: HandlerFactory;
  change(config: Config): void;
}

function followHttp(
  config: Config,
  log: Log,
  tracing: Tracing | null,
  access: Access,
  { policy: routing }: HeaderRouting,
): HttpFollowing {
  const requestId = new RequestIdPolicy(config.requestIdHeader);
  const source = new SourcePolicy(config.sourceHeader, config.sourceValue);
  const opaque = new OpaqueReasons(log);
  const bugs = new LineLimit(log, () => performance.now());
  const live = ({ ignoredPaths: paths, accessLog }: Config) => ({
    isIgnored: ignoredPaths(paths),
    observers: [tracing?.observer, access.observer(accessLog)].filter((observer) => observer != null),
  });
  // Handlers read it for each request, so what changes in it changes at once on all connections.
  const options: HttpOptions = {
    policies: [requestId, source, routing, ...(tracing === null ? [] : [tracing.policy])],
    routing,
    clock: new Clock(),
    headTimeoutMs: config.headTimeoutMs,
    onOpaque: (conn, reason) => opaque.count(conn, reason),
    onBug: (error) => bugs.error(`tracing failed, the traffic goes on: ${(error as Error).stack ?? error}`),
    ...live(config),
  };
  const { httpPorts, httpAutodetect, opaquePorts } = config;
  return {
    handlerFactory: (info, relay) => {
      const { port } = info.originalDst;
      const declared = httpPorts.has(port);
      const follow = declared || (httpAutodetect && !opaquePorts.has(port));
      return follow ? new HttpHandler(info, relay, options, declared) : null;
    },
    change: (next) => void Object.assign(options, live(next)),
  };
}

async function drainApp(
  config: Config,
  proxy: RunningProxy,
  tracing: Tracing | null,
  access: Access,
  routing: HeaderRouting,
  hurry: AbortSignal,
) {
  await drain({
    graceMs: config.drainGraceMs,
    timeoutMs: config.drainTimeoutMs,
    open: () => proxy.openConnections,
    hurry,
  });
  proxy.stop();
  proxy.resetAll();
  routing.stop();
  await Promise.all([tracing?.close(FLUSH_MS), access.close(FLUSH_MS)]);
}

function summarize({ counters }: RunningProxy, tracing: Tracing | null, routing: HeaderRouting): string {
  const { accepted, refused, loops, closed } = counters;
  const connections = describeCounters({ accepted, ...refused, loops, ...closed });
  const spans = describeCounters(tracing?.counters() ?? {});
  const routed = describeCounters(routing.policy.counters);
  return `connections: ${connections}; spans: ${spans}; routing: ${routed}`;
}

/** Above what the file limit carries, connections would hang instead of being reset. `asked` is 0 for the default. */
function boundConnections(asked: number, log: Log): number {
  const possible = Math.max(1, Math.floor((fileLimit() - RESERVED_FILES) / FILES_PER_CONNECTION));
  if (asked > possible) {
    log.warn(
      `NETRA_MAX_CONNECTIONS=${asked} needs more than the ${fileLimit()} open files allowed: ${possible} it is`,
    );
  }
  return Math.min(asked || MAX_CONNECTIONS, possible);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
