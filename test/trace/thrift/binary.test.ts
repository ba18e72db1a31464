import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Span } from "../../../src/trace/span.ts";
import { BinaryBatch, BODY_MAX_BYTES, SPANS_MAX } from "../../../src/trace/thrift/binary.ts";
import { CompactBatch } from "../../../src/trace/thrift/compact.ts";
import { anySpan } from "../support/any-span.ts";
import { readBatch, readEmitBatch } from "../support/thrift-reader.ts";

const PROCESS = { serviceName: "café", tags: [{ key: "env", value: "中" }] };
const [span] = fc.sample(anySpan, { numRuns: 1, seed: 1 }) as [Span];

test("an independent decoder reads the process", () => {
  expect(readBatch(new BinaryBatch(PROCESS).message())).toEqual({
    serviceName: "café",
    processTags: [["env", "中"]],
    spans: [],
  });
});

test("an independent decoder reads of any spans the same as in the compact protocol", () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 5 }), (spans) => {
      const binary = new BinaryBatch(PROCESS);
      const compact = new CompactBatch(PROCESS);
      for (const each of spans) expect([binary.add(each), compact.add(each)]).toEqual([true, true]);
      const { name: _name, type: _type, ...batch } = readEmitBatch(compact.message());
      expect(readBatch(binary.message())).toEqual(batch);
      expect(binary.count).toBe(spans.length);
    }),
  );
});

describe("a batch", () => {
  test("takes a hundred spans", () => {
    const batch = new BinaryBatch(PROCESS);
    for (let i = 0; i < SPANS_MAX; i++) expect(batch.add(span)).toBe(true);
    expect(batch.add(span)).toBe(false);
    expect(readBatch(batch.message()).spans.length).toBe(SPANS_MAX);
  });

  test("keeps its limit in bytes whatever the spans", () => {
    const batch = new BinaryBatch(PROCESS, Number.POSITIVE_INFINITY);
    let added = 0;
    const spans = fc.sample(anySpan, { numRuns: 100, seed: 2 });
    for (let i = 0; i < 2000; i++) if (batch.add(spans[i % spans.length]!)) added++;
    expect(added).toBeLessThan(2000);
    const message = batch.message();
    expect(message.length).toBeLessThanOrEqual(BODY_MAX_BYTES);
    expect(readBatch(message).spans.length).toBe(added);
  });

  test("is as it was before the span that did not fit", () => {
    const batch = new BinaryBatch(PROCESS, SPANS_MAX, 6000);
    while (batch.add(span)) {}
    const before = Buffer.from(batch.message());
    expect(batch.add(span)).toBe(false);
    expect(Buffer.from(batch.message())).toEqual(before);
  });

  test("is empty after being cleared, and filled again alike", () => {
    const batch = new BinaryBatch(PROCESS);
    batch.add(span);
    const before = Buffer.from(batch.message());
    batch.clear();
    expect(batch.count).toBe(0);
    batch.add(span);
    expect(Buffer.from(batch.message())).toEqual(before);
  });

  test("at any limit either takes a span within the limit or refuses it", () => {
    const whole = new BinaryBatch(PROCESS);
    whole.add(span);
    const size = whole.message().length;
    for (let limit = 1; limit < size + 20; limit++) {
      const batch = new BinaryBatch(PROCESS, SPANS_MAX, limit);
      expect(batch.add(span)).toBe(limit >= size);
      if (limit >= size) expect(batch.message().length).toBe(size);
    }
  });
});
