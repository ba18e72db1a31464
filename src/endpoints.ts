/** Puts the sidecar's own two ports together: who listens where, within which bounds. */
import { linuxKernel } from "../ffi/kernel.ts";
import { formatAddress } from "./address.ts";
import type { DebugPortOptions } from "./admin/debug-port.ts";
import type { Handler } from "./admin/http/connection.ts";
import { type HttpServer, ListenError, serveHttp } from "./admin/http/server.ts";
import { type MetricsPortOptions, metricsPort } from "./admin/metrics-port.ts";
import type { Config } from "./config.ts";
import { LineLimit } from "./log/line-limit.ts";
import type { Log } from "./log.ts";

/** All metrics that the default bounds allow take 8 MB. */
const MAX_UNSENT_BYTES = 32 * 1024 * 1024;
const BOUNDS = { maxPerSecond: 50, readMs: 5000, maxUnsentBytes: MAX_UNSENT_BYTES };
/** Files for them are reserved in proxy/capacity.ts. */
const METRICS_BOUNDS = { ...BOUNDS, maxConnections: 16, sendMs: 10_000 };
/** Heap snapshots are large, and `kubectl port-forward` is slow. */
const DEBUG_BOUNDS = { ...BOUNDS, maxConnections: 8, sendMs: 60_000 };

export interface EndpointsOptions extends MetricsPortOptions, DebugPortOptions {
  readonly config: Config;
}

/** Listens on both ports. As in 0.10, the sidecar goes on without one that cannot be had. */
export function serveEndpoints(options: EndpointsOptions): { stop(): void } {
  const { config, log } = options;
  const { prometheusPort, pprofPort, pprofHost } = config;
  const onBug = describeBugs(log);
  const serve = (
    variable: string,
    ip: string | null,
    port: number,
    handler: Handler,
    bounds: typeof METRICS_BOUNDS,
  ) => {
    const server = serveHttp({ ip, port, handler, onBug, setBacklog: linuxKernel.backlog, ...bounds });
    if (!(server instanceof ListenError)) return [server];
    const where = ip === null ? `port ${port}` : formatAddress({ ip, port });
    log.warn(`${variable}: cannot listen on ${where}, going on without it: ${server.why}`);
    return [];
  };
  const servers: HttpServer[] = [
    ...serve("NETRA_PROMETHEUS_PORT", null, prometheusPort, metricsPort(options), METRICS_BOUNDS),
    ...serve("NETRA_PPROF_PORT", pprofHost, pprofPort, debugPortWhenAsked(options), DEBUG_BOUNDS),
  ];
  return {
    stop() {
      for (const server of servers) server.stop();
    },
  };
}

/** Few are ever asked: what the profiling port answers is loaded with its first request. */
function debugPortWhenAsked(options: DebugPortOptions): Handler {
  let loading: Promise<Handler> | null = null;
  return async (request, caller) => {
    loading ??= import("./admin/debug-port.ts").then(({ debugPort }) => debugPort(options));
    const handler = await loading;
    return handler(request, caller);
  };
}

function describeBugs(log: Log): (error: Error) => void {
  const lines = new LineLimit(log, () => performance.now());
  return (error) => lines.error(`an endpoint failed, the traffic goes on: ${error.stack ?? error}`);
}
