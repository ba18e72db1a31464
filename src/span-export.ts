/** Where spans go: the encoder and the sender that belong together. */
import type { Log } from "./log.ts";
import { lookUp } from "./look-up.ts";
import type { Batch } from "./trace/batch.ts";
import type { Process } from "./trace/process.ts";
import type { Sender } from "./trace/sender/sender.ts";
import { UdpSender } from "./trace/sender/udp.ts";
import { CompactBatch } from "./trace/thrift/compact.ts";
import type { TraceConfig } from "./trace/trace-env.ts";

export interface SpanExport {
  readonly batch: Batch;
  readonly sender: Sender;
  readonly flushIntervalMs: number;
  /** What became of spans after they were handed to the sender, where it knows. */
  counters(): Readonly<Record<string, number>>;
  /** Begins to look for the other end, where that takes time. */
  start(): void;
}

/** Null: spans are not to be exported. */
export async function createSpanExport(
  config: TraceConfig,
  process: Process,
  version: string,
  log: Log,
): Promise<SpanExport | null> {
  switch (config.exporter) {
    case "jaeger-udp":
      return toAgent(config, process, log);
    case "jaeger-http":
      return (await import("./collector-export.ts")).toCollector(config, process, log);
    case "otlp":
      return (await import("./collector-export.ts")).toOtlp(config, process, version, log);
    case "none":
      return null;
  }
}

function toAgent({ jaeger, packetBytes }: TraceConfig, process: Process, log: Log): SpanExport {
  const sender = new UdpSender({ agent: jaeger.agent, resolve: lookUp, log });
  return {
    batch: new CompactBatch(process, packetBytes),
    sender,
    flushIntervalMs: jaeger.flushIntervalMs,
    counters: () => ({}),
    start: () => sender.start(),
  };
}
