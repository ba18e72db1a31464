import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Span } from "../../../src/trace/span.ts";
import { tagKey } from "../../../src/trace/tag.ts";
import { CompactBatch, PACKET_MAX_BYTES } from "../../../src/trace/thrift/compact.ts";
import { contextOf } from "../support/golden.ts";
import { readEmitBatch } from "../support/thrift-reader.ts";

const PROCESS = { serviceName: "café", tags: [{ key: "env", value: "中" }] };

function spanOf(trace: string, spanId: string, parent = "0", operation = "/op", tagBytes = 0): Span {
  const span = new Span();
  span.start(contextOf(trace, spanId, parent, 1), null, 1_795_389_726_687_250);
  span.operationLatin1(operation);
  for (let left = tagBytes; left > 0; left -= 250)
    span.tagLatin1(tagKey("k"), "x".repeat(Math.min(250, left)));
  span.finish(1_795_389_726_687_251);
  return span;
}

test("an independent decoder reads the message and the process", () => {
  const batch = new CompactBatch(PROCESS);
  batch.add(spanOf("1", "2"));
  expect(readEmitBatch(batch.message())).toMatchObject({
    name: "emitBatch",
    type: 4,
    serviceName: "café",
    processTags: [["env", "中"]],
  });
});

test("an independent decoder reads any ids and flags", () => {
  const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((id) => id.toString(16).padStart(16, "0"));
  fc.assert(
    fc.property(word, word, word, word, (high, low, spanId, parent) => {
      const batch = new CompactBatch(PROCESS);
      const span = new Span();
      span.start(contextOf(high + low, spanId, parent, 3), contextOf(low + high, parent), 1);
      expect(batch.add(span)).toBe(true);
      expect(readEmitBatch(batch.message()).spans[0]).toMatchObject({
        traceId: high + low,
        spanId,
        parentSpanId: parent,
        flags: 3,
        references: [{ type: 0, traceId: low + high, spanId: parent }],
      });
    }),
  );
});

test.each([1, 14, 15, 127, 128, 300])("a packet of %d spans has them all, in order", (count) => {
  const batch = new CompactBatch(PROCESS);
  for (let i = 1; i <= count; i++) expect(batch.add(spanOf("1", i.toString(16)))).toBe(true);
  expect(batch.count).toBe(count);
  const ids = readEmitBatch(batch.message()).spans.map((span) => Number.parseInt(span.spanId, 16));
  expect(ids).toEqual(Array.from({ length: count }, (_, i) => i + 1));
});

describe("a full packet", () => {
  function fill(batch: CompactBatch, span: Span): number {
    let added = 0;
    while (batch.add(span)) added++;
    return added;
  }

  test.each([0, 10, 100, 1000, 5000])(
    "of spans with %d bytes of text keeps the limit and is still read",
    (size) => {
      const batch = new CompactBatch(PROCESS);
      const span = spanOf("1", "2", "0", "/op", size);
      const one = new CompactBatch(PROCESS);
      one.add(span);
      const added = fill(batch, span);
      const message = batch.message();
      expect(message.length).toBeLessThanOrEqual(PACKET_MAX_BYTES);
      expect(message.length).toBeGreaterThan(PACKET_MAX_BYTES - one.message().length - 4);
      expect(readEmitBatch(message).spans.length).toBe(added);
    },
  );

  test("is as it was before the span that did not fit", () => {
    const batch = new CompactBatch(PROCESS, 2000);
    batch.add(spanOf("1", "2", "0", "/op", 1000));
    const before = Buffer.from(batch.message());
    expect(batch.add(spanOf("1", "3", "0", "/op", 1000))).toBe(false);
    expect(Buffer.from(batch.message())).toEqual(before);
  });

  test("is empty after being cleared, and filled again alike", () => {
    const batch = new CompactBatch(PROCESS);
    const span = spanOf("1", "2");
    const added = fill(batch, span);
    const before = Buffer.from(batch.message());
    batch.clear();
    expect(batch.count).toBe(0);
    expect(fill(batch, span)).toBe(added);
    expect(Buffer.from(batch.message())).toEqual(before);
  });

  test("at any limit either takes a span within the limit or refuses it", () => {
    const span = spanOf("1", "2", "0", "/op", 400);
    const whole = new CompactBatch(PROCESS);
    whole.add(span);
    const size = whole.message().length;
    const taken: number[] = [];
    for (let limit = 1; limit < size + 20; limit++) {
      const batch = new CompactBatch(PROCESS, limit);
      if (!batch.add(span)) continue;
      expect(batch.message().length).toBeLessThanOrEqual(limit);
      taken.push(limit);
    }
    expect(taken[0]).toBeLessThanOrEqual(size + 4);
    expect(taken.length).toBe(size + 20 - taken[0]!);
  });
});

test("a process that fills a packet alone leaves room for no span, and breaks nothing", () => {
  const batch = new CompactBatch({ serviceName: "x".repeat(70_000), tags: [] });
  expect(batch.add(spanOf("1", "2"))).toBe(false);
});
