/** Puts tracing together: what makes span contexts, what records spans, where they go. */
import { hostname } from "node:os";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { jaegerTags } from "./mesh/jaeger-tags.ts";
import { ContextPolicy } from "./mesh/policy/context.ts";
import { SpanObserver, type SpanObserverOptions } from "./mesh/span-observer.ts";
import { createSpanExport } from "./span-export.ts";
import { RandomIds } from "./trace/ids.ts";
import { describeProcess, ownIp } from "./trace/process.ts";
import { Reporter } from "./trace/reporter.ts";
import { LiveSampling } from "./trace/sampler/live.ts";
import { SpanPool } from "./trace/span-pool.ts";
import { ContextStore, type Contexts } from "./trace/store.ts";
import type { TraceConfig } from "./trace/trace-env.ts";
import type { EventLoop } from "./workers/event-loop.ts";

export interface Tracing {
  readonly policy: ContextPolicy;
  /** Null: contexts are passed on, but no span is made. */
  readonly observer: SpanObserver | null;
  /** What is remembered of requests that are over. */
  readonly contexts: Pick<Contexts, "size" | "evicted">;
  /** Begins what goes on in the background: looking for the agent, asking for sampling strategies. */
  start(): void;
  /** Goes on with this configuration's sampling and tag maps; of calls at once the last one counts. */
  change(config: Config): Promise<void>;
  /** What became of spans since the start. */
  counters(): Record<string, number>;
  /** Sends what waits, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** `loop` is given if there are several, which share what they remember. */
export async function createTracing(
  config: Config,
  log: Log,
  version: string,
  loop: EventLoop | null = null,
): Promise<Tracing> {
  const { trace, serviceName } = config;
  const { jaeger } = trace;
  const process = describeProcess(serviceName, jaeger.tags, {
    version,
    hostname: hostname(),
    ip: ownIp(),
    uuid: crypto.getRandomValues(new BigUint64Array(1))[0]!.toString(16),
  });
  const sampling = await LiveSampling.create({
    sampler: jaeger.sampler,
    remote: jaeger.remoteSampling,
    serviceName,
    log,
  });
  const store = createContexts(config, loop);
  const way = await createSpanExport(trace, process, version, log);
  const pool = new SpanPool();
  const reporter = way && new Reporter({ ...way, pool, log, logSpans: jaeger.logSpans });
  const observer = reporter && (await createObserver(config, pool, reporter));
  return {
    policy: new ContextPolicy({
      store,
      sampler: sampling,
      ids: new RandomIds(),
      wide: jaeger.traceId128,
      propagators: trace.propagators,
      // Who is alone on one event loop may not be alone.
      infer: trace.infer && loop === null,
    }),
    observer,
    contexts: store,
    start: () => {
      way?.start();
      sampling.start();
    },
    change: async (next) => {
      observer?.map(next);
      await sampling.change({ sampler: next.trace.jaeger.sampler, remote: next.trace.jaeger.remoteSampling });
    },
    counters: () => ({ ...reporter?.counters, ...way?.counters(), refusedTooMany: pool.refused }),
    close: async (deadlineMs) => {
      sampling.stop();
      store.stop();
      await reporter?.close(deadlineMs);
    },
  };
}

function createContexts(config: Config, loop: EventLoop | null): Contexts {
  const { contextExpirationMs: expirationMs, contextCleanupIntervalMs, contextMaxEntries } = config;
  if (loop !== null) return loop.contexts(expirationMs);
  return new ContextStore({
    expirationMs,
    sweepIntervalMs: contextCleanupIntervalMs,
    maxEntries: contextMaxEntries,
  });
}

async function createObserver(config: Config, pool: SpanPool, reporter: Reporter): Promise<SpanObserver> {
  const { headerTags, cookieTags, requestIdHeader, trace } = config;
  const tags = await tagsOf(trace.semconv, requestIdHeader);
  return new SpanObserver({ pool, reporter, headerTags, cookieTags, tags });
}

/** Most keep to 0.10's names: OpenTelemetry's are loaded where they are asked for. */
export async function tagsOf(
  semconv: TraceConfig["semconv"],
  requestIdHeader: string,
): Promise<SpanObserverOptions["tags"]> {
  if (semconv === "jaeger") return [jaegerTags];
  const { createOtelTags } = await import("./mesh/otel-tags.ts");
  const otelTags = createOtelTags(requestIdHeader);
  return semconv === "otel" ? [otelTags] : [jaegerTags, otelTags];
}
