import type { Span } from "../../../src/trace/span.ts";
import { CompactBatch } from "../../../src/trace/thrift/compact.ts";
import { type ReadSpan, readEmitBatch } from "./thrift-reader.ts";

/** What an independent decoder reads of these spans. */
export function decoded(...spans: Span[]): ReadSpan[] {
  const batch = new CompactBatch({ serviceName: "s", tags: [] });
  for (const span of spans) {
    if (!batch.add(span)) throw new Error("the spans do not fit into one packet");
  }
  return readEmitBatch(batch.message()).spans;
}
