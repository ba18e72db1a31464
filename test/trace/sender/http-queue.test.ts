import { describe, expect, test } from "bun:test";
import { BatchQueue } from "../../../src/trace/sender/http-queue.ts";

function batch(spans: number, bytes: number) {
  return { body: new Uint8Array(bytes), spans };
}

test("batches leave in the order they came", () => {
  const queue = new BatchQueue({ maxSpans: 10, maxBytes: 100 });
  const batches = [batch(1, 10), batch(2, 20), batch(3, 30)];
  for (const each of batches) expect(queue.push(each)).toBe(true);
  for (const each of batches) {
    expect(queue.first).toBe(each);
    queue.shift();
  }
  expect(queue.first).toBeUndefined();
});

describe("a queue is full", () => {
  test.each([
    ["of spans", batch(4, 1)],
    ["of bytes", batch(1, 41)],
  ])("%s, until one has left", (_, next) => {
    const queue = new BatchQueue({ maxSpans: 10, maxBytes: 100 });
    queue.push(batch(7, 60));
    expect(queue.push(next)).toBe(false);
    expect([queue.spans, queue.bytes]).toEqual([7, 60]);
    queue.shift();
    expect(queue.push(next)).toBe(true);
  });

  test("but not when empty, whatever the number of spans", () => {
    const queue = new BatchQueue({ maxSpans: 1, maxBytes: 100 });
    expect(queue.push(batch(512, 100))).toBe(true);
    expect(queue.push(batch(1, 1))).toBe(false);
  });

  test("also when empty, for a batch of too many bytes", () => {
    const queue = new BatchQueue({ maxSpans: 10, maxBytes: 100 });
    expect(queue.push(batch(1, 101))).toBe(false);
  });
});

test("clearing says how many spans were in it", () => {
  const queue = new BatchQueue({ maxSpans: 10, maxBytes: 100 });
  queue.push(batch(3, 60));
  queue.push(batch(4, 1));
  expect(queue.clear()).toBe(7);
  expect([queue.spans, queue.bytes, queue.first]).toEqual([0, 0, undefined]);
});
