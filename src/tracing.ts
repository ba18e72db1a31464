/** Puts tracing together: what makes span contexts, what records spans, where they go. */
import { hostname } from "node:os";
import { type Address, isLoopback } from "./address.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { ContextPolicy } from "./mesh/policy/context.ts";
import { SpanObserver } from "./mesh/span-observer.ts";
import { Clock } from "./trace/clock.ts";
import { RandomIds } from "./trace/ids.ts";
import { describeProcess, ownIp } from "./trace/process.ts";
import { Reporter } from "./trace/reporter.ts";
import { createSampler } from "./trace/sampler.ts";
import { UdpSender } from "./trace/sender/udp.ts";
import { SpanPool } from "./trace/span-pool.ts";
import { ContextStore } from "./trace/store.ts";
import { CompactBatch, PACKET_MAX_BYTES } from "./trace/thrift/compact.ts";

export interface Tracing {
  readonly policy: ContextPolicy;
  readonly observer: SpanObserver;
  /** Begins to look for the agent. */
  start(): void;
  /** Sends what waits, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export function createTracing(config: Config, log: Log, version: string): Tracing {
  const { jaeger, headerTags, cookieTags } = config;
  const process = describeProcess(config.serviceName, jaeger.tags, {
    version,
    hostname: hostname(),
    ip: ownIp(),
    uuid: crypto.getRandomValues(new BigUint64Array(1))[0]!.toString(16),
  });
  const sampler = createSampler(jaeger.sampler);
  const pool = new SpanPool();
  const sender = new UdpSender({ agent: jaeger.agent, resolve, log });
  const reporter = new Reporter({
    pool,
    batch: new CompactBatch(process, packetBytes(jaeger.agent.host)),
    sender,
    log,
    flushIntervalMs: jaeger.flushIntervalMs,
    logSpans: jaeger.logSpans,
  });
  const store = new ContextStore({
    expirationMs: config.contextExpirationMs,
    sweepIntervalMs: config.contextCleanupIntervalMs,
    maxEntries: config.contextMaxEntries,
  });
  return {
    policy: new ContextPolicy({ store, sampler, ids: new RandomIds(), wide: jaeger.traceId128 }),
    observer: new SpanObserver({ clock: new Clock(), pool, reporter, sampler, headerTags, cookieTags }),
    start: () => sender.start(),
    close: async (deadlineMs) => {
      store.stop();
      await reporter.close(deadlineMs);
    },
  };
}

/**
 * Beyond loopback a datagram larger than the path's MTU travels in fragments, all lost if one is, and a few of the
 * largest fill a receiver's default buffer (measured: 1 run in 10 of the demo lost 136 spans at once).
 */
const REMOTE_PACKET_BYTES = 8192;

function packetBytes(agentHost: string): number {
  return agentHost === "localhost" || isLoopback(agentHost) ? PACKET_MAX_BYTES : REMOTE_PACKET_BYTES;
}

/** Names are looked up in the background only, never for traffic. */
async function resolve(host: string): Promise<Address[]> {
  const found = await Bun.dns.lookup(host);
  return found.map(({ address }) => ({ ip: address, port: 0 }));
}
