/**
 * What one span with 11 tags costs to encode, for each way out; recording it is not counted. Nanoseconds of CPU of the
 * whole process per span, and bytes per span. Prints one JSON line. `bench/trace/run encode` compiles it the way the
 * product is compiled.
 */
import type { Batch } from "../../src/trace/batch.ts";
import { newRoot, SAMPLED, SpanContext } from "../../src/trace/context.ts";
import { RandomIds } from "../../src/trace/ids.ts";
import { OtlpJsonBatch } from "../../src/trace/otlp/json-batch.ts";
import { OtlpProtobufBatch } from "../../src/trace/otlp/protobuf-batch.ts";
import { describeResource } from "../../src/trace/otlp/resource.ts";
import { Span } from "../../src/trace/span.ts";
import { constantText, tagKey } from "../../src/trace/tag.ts";
import { BinaryBatch } from "../../src/trace/thrift/binary.ts";
import { CompactBatch } from "../../src/trace/thrift/compact.ts";
import { fastest } from "../statistics.ts";

const SPANS_PER_ROUND = 20_000;
const ROUNDS = 40;
const WARM_UP_ROUNDS = 15;

const PROCESS = { serviceName: "bench", tags: [{ key: "hostname", value: "bench-0" }] };
const RESOURCE = describeResource(PROCESS, [], "0");

const TEXTS = {
  "http.session": "S-42-abcdef",
  remote_addr: "198.18.1.2:54710",
  "http.host": "shop.example:8080",
  "http.path": "/api/orders/12345?expand=items",
  "http.method": "GET",
  "http.user_agent": "Mozilla/5.0 (X11; Linux x86_64) curl/8.0",
  "http.request_id": "0525d8f6-4857-4d40-b162-7421bed9c425",
};

const root = newRoot(new SpanContext(), new RandomIds(), false, SAMPLED);
const span = new Span();
span.start(root, root, 1_795_389_726_687_250);
span.operationLatin1("/api/orders/12345");
span.tag(constantText(tagKey("span.kind"), "server"));
for (const [name, text] of Object.entries(TEXTS)) span.tagLatin1(tagKey(name), text);
span.tagLong(tagKey("http.request_size"), 0);
span.tagLong(tagKey("http.response_size"), 12_345);
span.tagLong(tagKey("http.status_code"), 200);
span.finish(1_795_389_726_688_250);

const batches: Record<string, Batch> = {
  compact: new CompactBatch(PROCESS),
  binary: new BinaryBatch(PROCESS),
  otlp: new OtlpProtobufBatch(RESOURCE, 512),
  otlpJson: new OtlpJsonBatch(RESOURCE, 512),
};

/** Adds a round of spans and asks for the message whenever the batch is full. */
function fill(batch: Batch): void {
  for (let i = 0; i < SPANS_PER_ROUND; i++) {
    if (batch.add(span)) continue;
    batch.message();
    batch.clear();
    batch.add(span);
  }
}

/** The best and the middle of many short rounds. */
async function measure(batch: Batch): Promise<{ min: number; median: number }> {
  const nsPerSpan: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    fill(batch);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) nsPerSpan.push(((user + system) * 1000) / SPANS_PER_ROUND);
    await Bun.sleep(1);
  }
  const { min, median } = fastest(nsPerSpan);
  return { min: Math.round(min), median: Math.round(median) };
}

const results: Record<string, object> = {};
for (const [name, batch] of Object.entries(batches)) {
  const nsPerSpan = await measure(batch);
  results[name] = { nsPerSpan, bytesPerSpan: Math.round(batch.message().length / batch.count) };
}
process.stdout.write(`${JSON.stringify(results)}\n`);
