import { expect, test } from "bun:test";
import { AcceptRate } from "../../../src/admin/http/accept-rate.ts";

function rate(mostPerSecond: number) {
  const clock = { nowMs: 5000 };
  return { clock, rate: new AcceptRate(mostPerSecond, () => clock.nowMs) };
}

test("an address has its number of connections each second", () => {
  const { rate: accepts, clock } = rate(2);
  const admitted = [0, 0, 999, 1, 0, 0].map((afterMs) => {
    clock.nowMs += afterMs;
    return accepts.admit("10.0.0.1");
  });
  expect(admitted).toEqual([true, true, false, true, true, false]);
});

test("what one address uses up is not taken from another", () => {
  const { rate: accepts } = rate(1);
  expect(["a", "a", "b", "a", "b"].map((ip) => accepts.admit(ip))).toEqual([true, false, true, false, false]);
});

test("not more than a thousand addresses are remembered, for a second", () => {
  const { rate: accepts, clock } = rate(5);
  const admitted = Array.from({ length: 1500 }, (_, i) => accepts.admit(`address ${i}`)).filter(Boolean);
  expect(admitted.length).toBe(1000);
  expect(accepts.admit("address 7")).toBe(true);
  clock.nowMs += 1000;
  expect(accepts.admit("address 1499")).toBe(true);
});
