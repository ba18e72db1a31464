/** Puts measuring together: the metrics with all they are told by others, and statsd. */
import type { Access } from "./access.ts";
import type { Config, StatsdConfig } from "./config.ts";
import type { Log, ProcessLog } from "./log.ts";
import { lookUp } from "./look-up.ts";
import type { ExchangeObserver } from "./mesh/exchange.ts";
import type { OpaqueReasons } from "./mesh/opaque-reasons.ts";
import { Metrics, type Scrape, type ScrapeSources } from "./metrics/metrics.ts";
import { ownProcess } from "./metrics/process-metrics.ts";
import { spanOutcomes } from "./metrics/span-outcomes.ts";
import { StatsdObserver } from "./metrics/statsd.ts";
import type { ConnectionObserver } from "./proxy/handler.ts";
import type { RunningProxy } from "./proxy/proxy.ts";
import type { HeaderRouting } from "./routing.ts";
import type { Clock } from "./trace/clock.ts";
import { UdpSender } from "./trace/sender/udp.ts";
import { processTimers } from "./trace/timers.ts";
import type { Tracing } from "./tracing.ts";
import type { Crew } from "./workers/crew.ts";

/** A statsd daemon may move: its name is looked up again this often. */
const STATSD_LOOKUP_MS = 30_000;

export interface MeasuringOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly clock: Clock;
  /** The soft limit of open files. */
  readonly maxFiles: number;
}

/** What metrics ask others. */
export interface Measured {
  readonly proxy: RunningProxy;
  readonly tracing: Tracing | null;
  readonly opaque: OpaqueReasons;
  readonly log: Pick<ProcessLog, "dropped">;
  readonly access: Access;
  readonly routing: HeaderRouting;
  /** Whether this is the event loop that tells of the process and of what all share. */
  readonly isFirst: boolean;
  /** The other event loops, if there are any. */
  readonly crew: Crew | null;
}

export interface Measuring {
  readonly exchanges: readonly ExchangeObserver[];
  readonly connections: ConnectionObserver;
  /** Begins what goes on in the background. What comes back tells all metrics. */
  start(measured: Measured): Scrape;
  /** Tells what has not been told yet. */
  close(): void;
}

export function createMeasuring({ config, log, version, clock, maxFiles }: MeasuringOptions): Measuring {
  const metrics = new Metrics({
    nowUs: () => clock.nowUs(),
    maxSeries: config.metricsMaxSeries,
    idleMs: config.metricsIdleMs,
    withRoutes: config.routes === "auto",
    target: describeTarget(config),
    build: { version, bun_version: Bun.version },
  });
  const statsd = config.statsd && createStatsd(config.statsd, log);
  return {
    exchanges: statsd === null ? [metrics.exchanges] : [metrics.exchanges, statsd],
    connections: metrics.connections,
    start: (measured) =>
      metrics.start({
        ...sources(config, measured),
        process: measured.isFirst ? ownProcess(maxFiles) : null,
      }),
    close: () => statsd?.flush(),
  };
}

/** The resource of spans under Prometheus' names for its attributes: `service.namespace` → `service_namespace`. */
function describeTarget({ serviceName, trace }: Config): Record<string, string> {
  const attributes = trace.otel.resourceAttributes.map(({ key, value }) => [
    key.replace(/^\d|[^A-Za-z0-9_]/g, "_"),
    value,
  ]);
  return { ...Object.fromEntries(attributes), service_name: serviceName };
}

function sources(config: Config, measured: Measured): Omit<ScrapeSources, "process"> {
  const { proxy, tracing, opaque, routing, log, access, isFirst, crew } = measured;
  return {
    connections: () => proxy.connections(),
    refused: () => ({ ...proxy.counters.refused, loop: proxy.counters.loops }),
    opaque: (direction) => opaque.counts[direction],
    parents: (direction) => tracing?.policy.parents[direction] ?? null,
    spans: () => tracing && spanOutcomes(config.trace.exporter, tracing.counters()),
    contexts: () => (isFirst && tracing?.contexts) || null,
    routing: () => routing.policy.counters,
    workers: () => crew?.figures ?? null,
    droppedLines: () => ({ sidecar: log.dropped, access: access.dropped }),
  };
}

function createStatsd({ host, port, prefix }: StatsdConfig, log: Log): StatsdObserver {
  const sender = new UdpSender({
    agent: { host, port, reconnect: true, reconnectIntervalMs: STATSD_LOOKUP_MS },
    cargo: { name: "Counters", to: "statsd" },
    resolve: lookUp,
    log,
  });
  sender.start();
  return new StatsdObserver({ prefix, send: (datagram) => sender.send(datagram), timers: processTimers });
}
