import { describe, expect, test } from "bun:test";
import { RoutingStore } from "../../../src/mesh/policy/routing-store.ts";
import type { StoreOptions } from "../../../src/trace/store.ts";
import { FakeTime } from "../../trace/support/fakes.ts";

function setUp(options: Partial<StoreOptions> = {}) {
  const time = new FakeTime();
  const bounds = { expirationMs: 5000, sweepIntervalMs: 1000, maxEntries: 3 };
  return { time, store: new RoutingStore({ ...bounds, nowMs: time.now, timers: time, ...options }) };
}

describe("a value", () => {
  test("is unknown before it is put, and the last one put afterwards", () => {
    const { store } = setUp();
    expect(store.get("a")).toBeNull();
    store.put("a", "one");
    store.put("a", "two");
    expect([store.get("a"), store.size]).toEqual(["two", 1]);
  });

  test("lives for its expiration, to the millisecond, swept or not", () => {
    const { time, store } = setUp({ sweepIntervalMs: 60_000 });
    store.put("a", "one");
    time.advance(4999);
    expect(store.get("a")).toBe("one");
    time.advance(1);
    expect([store.get("a"), store.size]).toEqual([null, 1]);
  });

  test("lives anew when it is put again", () => {
    const { time, store } = setUp();
    store.put("a", "one");
    store.put("b", "two");
    time.advance(4000);
    store.put("a", "one");
    time.advance(1000);
    expect([store.get("a"), store.get("b"), store.size]).toEqual(["one", null, 1]);
  });

  test.each([0, -1])("lives for ever with an expiration of %d", (expirationMs) => {
    const { time, store } = setUp({ expirationMs });
    store.put("a", "one");
    time.advance(1e9);
    expect([store.get("a"), time.armed]).toEqual(["one", 0]);
  });

  test("goes when there are too many, the oldest first", () => {
    const { store } = setUp();
    for (const key of ["a", "b", "c", "a", "d"]) store.put(key, key);
    expect(["a", "b", "c", "d"].map((key) => store.get(key))).toEqual(["a", null, "c", "d"]);
    expect(store.size).toBe(3);
  });

  test("goes when all together are too large", () => {
    const { store } = setUp({ maxEntries: 1e6 });
    const value = "v".repeat(4096);
    for (let i = 0; i < 10_000; i++) store.put(`${i}`, value);
    expect(store.size).toBeLessThan(4097);
    expect(store.size).toBeGreaterThan(4000);
    expect([store.get("0"), store.get("9999")]).toEqual([null, value]);
  });
});

test("a timer runs only while there is something to sweep", () => {
  const { time, store } = setUp();
  expect(time.armed).toBe(0);
  store.put("a", "one");
  expect(time.armed).toBe(1);
  time.advance(6000);
  expect([store.size, time.armed]).toEqual([0, 0]);
  store.put("a", "one");
  store.stop();
  expect([time.armed, store.get("a")]).toEqual([0, "one"]);
});
