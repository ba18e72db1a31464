import { expect, test } from "bun:test";
import { SharedRoutingStore } from "../../../src/mesh/policy/shared-routing-store.ts";

function setUp() {
  const memory = SharedRoutingStore.allocate(100);
  const time = { nowMs: 1 };
  const loop = () => new SharedRoutingStore({ memory, expirationMs: 5000, nowMs: () => time.nowMs });
  return { time, one: loop(), other: loop() };
}

test.each([
  ["a route", "shop=shop-v2:8080"],
  ["one of five characters", "a=b:1"],
  ["bytes that are no ASCII", "a=\xff\x80\0,b=c"],
  ["the longest that is read", "x".repeat(4096)],
])("another event loop finds %s", (_, value) => {
  const { one, other } = setUp();
  one.put("a", "longer than what follows".repeat(20));
  one.put("a", value);
  expect(other.get("a")).toBe(value);
});

test("a value is forgotten after its expiration", () => {
  const { time, one, other } = setUp();
  one.put("a", "x=y");
  time.nowMs += 4999;
  expect(other.get("a")).toBe("x=y");
  time.nowMs += 1;
  expect(other.get("a")).toBe(null);
});
