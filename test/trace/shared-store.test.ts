import { expect, test } from "bun:test";
import { SpanContext } from "../../src/trace/context.ts";
import { SharedContextStore } from "../../src/trace/shared-store.ts";
import { contextOf } from "./support/golden.ts";

function setUp() {
  const memory = SharedContextStore.allocate(100);
  const time = { nowMs: 1 };
  const loop = (holder: number) =>
    new SharedContextStore({ memory, expirationMs: 5000, nowMs: () => time.nowMs, holder });
  return { time, inbound: loop(1), outbound: loop(2) };
}

const CONTEXT = contextOf("0123456789abcdeffedcba9876543210", "aaaaaaaabbbbbbbb", "ccccccccdddddddd", 3);

test("another event loop finds every field of the context of a request that has begun", () => {
  const { inbound, outbound } = setUp();
  const context = new SpanContext();
  context.copy(CONTEXT);
  inbound.hold("a", context);
  context.copy(new SpanContext());
  expect(outbound.get("a")).toEqual(CONTEXT);
  expect(outbound.get("b")).toBe(null);
});

test("it finds it as long as the request lasts, and for the expiration after that", () => {
  const { time, inbound, outbound } = setUp();
  inbound.hold("a", CONTEXT);
  time.nowMs += 3_600_000;
  inbound.put("a", CONTEXT);
  time.nowMs += 4999;
  expect(outbound.get("a")).toEqual(CONTEXT);
  time.nowMs += 1;
  expect(outbound.get("a")).toBe(null);
});

test("the requests of an event loop that is gone expire", () => {
  const { time, inbound, outbound } = setUp();
  inbound.hold("a", CONTEXT);
  outbound.release(1);
  expect(outbound.size).toBe(1);
  time.nowMs += 5000;
  expect([outbound.get("a"), outbound.size]).toEqual([null, 0]);
});
