import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SpanContext } from "../../src/trace/context.ts";
import { ContextStore, type StoreOptions } from "../../src/trace/store.ts";
import { FakeTime } from "./support/fakes.ts";
import { contextOf } from "./support/golden.ts";

function setUp(options: Partial<StoreOptions> = {}) {
  const time = new FakeTime();
  const store = new ContextStore({
    expirationMs: 5000,
    sweepIntervalMs: 1000,
    maxEntries: 1000,
    nowMs: time.now,
    timers: time,
    ...options,
  });
  const spanLo = (key: string) => store.get(key)?.spanLo ?? null;
  return { time, store, spanLo };
}

const numbered = (n: number) => contextOf("1", n.toString(16));

describe("a mapping", () => {
  test("gives back every field of the context, from its own copy", () => {
    const { store } = setUp();
    const context = contextOf("0123456789abcdeffedcba9876543210", "aaaaaaaabbbbbbbb", "ccccccccdddddddd", 3);
    const expected = new SpanContext();
    expected.copy(context);
    store.put("a", context);
    context.copy(new SpanContext());
    expect(store.get("a")).toEqual(expected);
  });

  test("is unknown before it is put", () => {
    expect(setUp().store.get("a")).toBe(null);
  });

  test("is the last one put under its key", () => {
    const { store, spanLo } = setUp();
    store.put("a", numbered(1));
    store.put("a", numbered(2));
    expect([spanLo("a"), store.size]).toEqual([2, 1]);
  });

  test("lives for its expiration, to the millisecond, swept or not", () => {
    const { time, store, spanLo } = setUp({ sweepIntervalMs: 60_000 });
    store.put("a", numbered(1));
    time.advance(4999);
    expect(spanLo("a")).toBe(1);
    time.advance(1);
    expect(spanLo("a")).toBe(null);
  });

  test("lives anew when it is put again", () => {
    const { time, store, spanLo } = setUp();
    store.put("a", numbered(1));
    store.put("b", numbered(2));
    time.advance(4000);
    store.put("a", numbered(3));
    time.advance(4000);
    expect([spanLo("a"), spanLo("b"), store.size]).toEqual([3, null, 1]);
  });

  test.each([0, -1])("with expiration %d never expires and needs no timer", (expirationMs) => {
    const { time, store, spanLo } = setUp({ expirationMs });
    store.put("a", numbered(1));
    expect(time.armed).toBe(0);
    time.advance(1e9);
    store.sweep();
    expect(spanLo("a")).toBe(1);
  });
});

describe("sweeping", () => {
  test("forgets what has expired and stops when nothing is left", () => {
    const { time, store } = setUp();
    store.put("a", numbered(1));
    time.advance(2500);
    store.put("b", numbered(2));
    expect(time.armed).toBe(1);
    time.advance(3000);
    expect(store.size).toBe(1);
    time.advance(3000);
    expect([store.size, time.armed]).toEqual([0, 0]);
  });

  test("begins again with the next mapping", () => {
    const { time, store } = setUp();
    store.put("a", numbered(1));
    time.advance(10_000);
    store.put("b", numbered(2));
    expect(time.armed).toBe(1);
  });

  test("ends for good with stop", () => {
    const { time, store, spanLo } = setUp();
    store.put("a", numbered(1));
    store.stop();
    store.put("b", numbered(2));
    expect([time.armed, spanLo("a"), spanLo("b")]).toEqual([0, 1, 2]);
  });
});

describe("a full store", () => {
  test("forgets the oldest mappings and counts them", () => {
    const { store, spanLo } = setUp({ maxEntries: 300 });
    for (let i = 1; i <= 302; i++) store.put(`k${i}`, numbered(i));
    expect([spanLo("k1"), spanLo("k2"), spanLo("k3"), spanLo("k302")]).toEqual([null, null, 3, 302]);
    expect([store.size, store.evicted]).toEqual([300, 2]);
  });

  test("counts a mapping that was put again as young", () => {
    const { store, spanLo } = setUp({ maxEntries: 2 });
    store.put("a", numbered(1));
    store.put("b", numbered(2));
    store.put("a", numbered(3));
    store.put("c", numbered(4));
    expect([spanLo("a"), spanLo("b"), spanLo("c")]).toEqual([3, null, 4]);
  });
});

test("behaves like a map that forgets, under any sequence of puts, gets and pauses", () => {
  const step = fc.oneof(
    fc.record({ put: fc.nat(40), value: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ get: fc.nat(40) }),
    fc.record({ pause: fc.nat(3000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (steps, maxEntries) => {
      const { time, store, spanLo } = setUp({ maxEntries });
      const model = new Map<string, { value: number; untilMs: number }>();
      for (const one of steps) {
        for (const [key, { untilMs }] of model) if (untilMs <= time.nowMs) model.delete(key);
        if ("pause" in one) time.advance(one.pause);
        else if ("get" in one) expect(spanLo(`k${one.get}`)).toBe(model.get(`k${one.get}`)?.value ?? null);
        else {
          store.sweep();
          store.put(`k${one.put}`, numbered(one.value));
          model.delete(`k${one.put}`);
          if (model.size === maxEntries) model.delete(model.keys().next().value!);
          model.set(`k${one.put}`, { value: one.value, untilMs: time.nowMs + 5000 });
        }
      }
    }),
  );
});
