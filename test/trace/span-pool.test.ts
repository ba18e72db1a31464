import { expect, test } from "bun:test";
import { SpanPool } from "../../src/trace/span-pool.ts";
import { tagKey } from "../../src/trace/tag.ts";
import { decoded } from "./support/encode.ts";
import { contextOf } from "./support/golden.ts";

const CONTEXT = contextOf("1", "2", "0", 1);

test("a released span is taken again, begun anew", () => {
  const pool = new SpanPool();
  const span = pool.take(CONTEXT, null, 1);
  span.operationLatin1("/old");
  pool.release(span);
  expect(pool.take(CONTEXT, null, 2)).toBe(span);
  expect(decoded(span)[0]).toMatchObject({ operationName: "", startTime: 2 });
});

test("the pool keeps no more than it was told, but gives as many as are asked for", () => {
  const pool = new SpanPool(2);
  const spans = Array.from({ length: 5 }, () => pool.take(CONTEXT, null, 1));
  expect(new Set(spans).size).toBe(5);
  for (const span of spans) pool.release(span);
  expect(pool.idle).toBe(2);
});

test("a span that grew gives the memory back before it waits", () => {
  const pool = new SpanPool();
  const span = pool.take(CONTEXT, null, 1);
  const sizes = [span.bytes.length, span.tape.length];
  for (let i = 0; i < 60; i++) span.tagLatin1(tagKey("k"), "x".repeat(200));
  expect(span.bytes.length).toBeGreaterThan(12_000);
  pool.release(span);
  expect([span.bytes.length, span.tape.length]).toEqual(sizes);
});

test("more spans at a time than the pool allows are refused and counted", () => {
  const pool = new SpanPool(4, 2);
  const taken = [1, 2].map((at) => {
    expect(pool.refuses()).toBe(false);
    return pool.take(CONTEXT, null, at);
  });
  expect([pool.refuses(), pool.refused]).toEqual([true, 1]);
  pool.release(taken[0]!);
  expect(pool.refuses()).toBe(false);
});
