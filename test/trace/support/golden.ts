import { readdirSync, readFileSync } from "node:fs";
import { SpanContext } from "../../../src/trace/context.ts";
import type { Process } from "../../../src/trace/process.ts";
import type { Span } from "../../../src/trace/span.ts";
import { SpanPool } from "../../../src/trace/span-pool.ts";
import { tagKey } from "../../../src/trace/tag.ts";

const ROOT = `${import.meta.dir}/../../golden`;

interface GoldenTag {
  key: string;
  type: "STRING" | "LONG" | "BOOL" | "DOUBLE";
  value: string | number | boolean;
}

export interface GoldenSpan {
  operationName: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  flags: number;
  startTime_us: number;
  duration_us: number;
  references: { refType: string; traceId: string; spanId: string }[];
  tags: GoldenTag[];
}

export interface GoldenPacket {
  readonly file: string;
  readonly hex: string;
  readonly process: Process;
  readonly spans: readonly GoldenSpan[];
}

/** All packets of a golden set, in order. */
export function goldenPackets(set: string): GoldenPacket[] {
  const decoded = JSON.parse(readFileSync(`${ROOT}/${set}/decoded.json`, "utf8"));
  const files = readdirSync(`${ROOT}/${set}`).filter((file) => file.endsWith(".hex"));
  return files.sort().map((file) => ({
    file,
    hex: readFileSync(`${ROOT}/${set}/${file}`, "utf8").trim(),
    process: decoded[file].process,
    spans: decoded[file].spans,
  }));
}

/** The context with these hexadecimal ids. */
export function contextOf(trace: string, span: string, parent = "0", flags = 0): SpanContext {
  const context = new SpanContext();
  const words = trace.padStart(32, "0") + span.padStart(16, "0") + parent.padStart(16, "0");
  const word = (i: number) => Number.parseInt(words.slice(8 * i, 8 * i + 8), 16) | 0;
  [context.traceHighHi, context.traceHighLo, context.traceLowHi, context.traceLowLo] = [
    word(0),
    word(1),
    word(2),
    word(3),
  ];
  [context.spanHi, context.spanLo, context.parentHi, context.parentLo] = [word(4), word(5), word(6), word(7)];
  context.flags = flags;
  return context;
}

/** Records a golden span through the production record. */
export function recordGolden(golden: GoldenSpan, pool = new SpanPool()): Span {
  const context = contextOf(golden.traceId, golden.spanId, golden.parentSpanId, golden.flags);
  const [reference] = golden.references;
  const parent = reference ? contextOf(reference.traceId, reference.spanId) : null;
  const span = pool.take(context, parent, golden.startTime_us);
  const operation = Buffer.from(golden.operationName);
  span.operationBytes(operation, 0, operation.length);
  for (const tag of golden.tags) recordTag(span, tag);
  span.finish(golden.startTime_us + golden.duration_us);
  return span;
}

function recordTag(span: Span, { key, type, value }: GoldenTag): void {
  const bytes = Buffer.from(String(value));
  if (type === "STRING") span.tagBytes(tagKey(key), bytes, 0, bytes.length);
  else if (type === "LONG") span.tagLong(tagKey(key), Number(value));
  else if (type === "BOOL") span.tagBool(tagKey(key), Boolean(value));
  else span.tagDouble(tagKey(key), Number(value));
}
