/** Spans to a collector by HTTP, loaded where that is asked for: most sidecars have an agent. */
import type { Log } from "./log.ts";
import type { SpanExport } from "./span-export.ts";
import type { Batch } from "./trace/batch.ts";
import { OtlpJsonBatch } from "./trace/otlp/json-batch.ts";
import { OtlpProtobufBatch } from "./trace/otlp/protobuf-batch.ts";
import { describeResource } from "./trace/otlp/resource.ts";
import type { Process } from "./trace/process.ts";
import { HttpSender } from "./trace/sender/http.ts";
import { jaegerDestination } from "./trace/sender/http-jaeger.ts";
import { otlpDestination } from "./trace/sender/otlp.ts";
import { readRejection } from "./trace/sender/otlp-rejection.ts";
import { BinaryBatch } from "./trace/thrift/binary.ts";
import type { TraceConfig } from "./trace/trace-env.ts";

/** What may wait for a collector that does not answer. */
const QUEUE_MAX_BYTES = 4 * 1024 * 1024;

/** Jaeger's collector, with spans in binary Thrift. */
export function toCollector({ jaeger }: TraceConfig, process: Process, log: Log): SpanExport {
  const limits = { maxSpans: jaeger.maxQueueSize, maxBytes: QUEUE_MAX_BYTES };
  const sender = new HttpSender({ destination: jaegerDestination(jaeger.collector!), limits, log });
  return byHttp(new BinaryBatch(process), sender, jaeger.flushIntervalMs);
}

/** An OTLP collector, with spans in protobuf or JSON. */
export function toOtlp({ otel }: TraceConfig, process: Process, version: string, log: Log): SpanExport {
  const { otlp, maxBatchSize } = otel;
  const resource = describeResource(process, otel.resourceAttributes, version);
  const isJson = otlp.protocol === "http/json";
  const batch = isJson
    ? new OtlpJsonBatch(resource, maxBatchSize)
    : new OtlpProtobufBatch(resource, maxBatchSize);
  const sender = new HttpSender({
    destination: otlpDestination(otlp),
    limits: { maxSpans: otel.maxQueueSize, maxBytes: QUEUE_MAX_BYTES },
    readRejection: (body) => readRejection(otlp.protocol, body),
    log,
  });
  return byHttp(batch, sender, otel.flushIntervalMs);
}

function byHttp(batch: Batch, sender: HttpSender, flushIntervalMs: number): SpanExport {
  return { batch, sender, flushIntervalMs, counters: () => ({ ...sender.counters }), start: () => {} };
}
