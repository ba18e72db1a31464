/** Where spans go: the encoder and the sender that belong together. */
import type { Log } from "./log.ts";
import { lookUp } from "./look-up.ts";
import type { Batch } from "./trace/batch.ts";
import { OtlpJsonBatch } from "./trace/otlp/json-batch.ts";
import { OtlpProtobufBatch } from "./trace/otlp/protobuf-batch.ts";
import { describeResource } from "./trace/otlp/resource.ts";
import type { Process } from "./trace/process.ts";
import { HttpSender } from "./trace/sender/http.ts";
import { jaegerDestination } from "./trace/sender/http-jaeger.ts";
import { otlpDestination } from "./trace/sender/otlp.ts";
import { readRejection } from "./trace/sender/otlp-rejection.ts";
import type { Sender } from "./trace/sender/sender.ts";
import { UdpSender } from "./trace/sender/udp.ts";
import { BinaryBatch } from "./trace/thrift/binary.ts";
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

/** What may wait for a collector that does not answer. */
const QUEUE_MAX_BYTES = 4 * 1024 * 1024;

/** Null: spans are not to be exported. */
export function createSpanExport(
  config: TraceConfig,
  process: Process,
  version: string,
  log: Log,
): SpanExport | null {
  switch (config.exporter) {
    case "jaeger-udp":
      return toAgent(config, process, log);
    case "jaeger-http":
      return toCollector(config, process, log);
    case "otlp":
      return toOtlp(config, process, version, log);
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

function toCollector({ jaeger }: TraceConfig, process: Process, log: Log): SpanExport {
  const limits = { maxSpans: jaeger.maxQueueSize, maxBytes: QUEUE_MAX_BYTES };
  const sender = new HttpSender({ destination: jaegerDestination(jaeger.collector!), limits, log });
  return {
    batch: new BinaryBatch(process),
    sender,
    flushIntervalMs: jaeger.flushIntervalMs,
    counters: () => ({ ...sender.counters }),
    start: () => {},
  };
}

function toOtlp({ otel }: TraceConfig, process: Process, version: string, log: Log): SpanExport {
  const { otlp, maxBatchSize } = otel;
  const resource = describeResource(process, otel.resourceAttributes, version);
  const isJson = otlp.protocol === "http/json";
  const sender = new HttpSender({
    destination: otlpDestination(otlp),
    limits: { maxSpans: otel.maxQueueSize, maxBytes: QUEUE_MAX_BYTES },
    readRejection: (body) => readRejection(otlp.protocol, body),
    log,
  });
  return {
    batch: isJson ? new OtlpJsonBatch(resource, maxBatchSize) : new OtlpProtobufBatch(resource, maxBatchSize),
    sender,
    flushIntervalMs: otel.flushIntervalMs,
    counters: () => ({ ...sender.counters }),
    start: () => {},
  };
}
