import { expect, test } from "bun:test";
import { quantile, ratios, rising, slope, summarize } from "../../bench/statistics.ts";

test("a quantile lies between its neighbours, in proportion", () => {
  expect(quantile([10, 20, 30, 40], 0.5)).toBe(25);
  expect(quantile([10, 20, 30, 40], 0.75)).toBe(32.5);
  expect(quantile([7], 0.99)).toBe(7);
});

test("a summary does not depend on the order and is not moved by one wild round", () => {
  expect(summarize([900, 3, 1, 2, 4])).toEqual({ median: 3, lower: 2, upper: 4 });
});

test("ratios compare what was measured in the same round", () => {
  expect(ratios([10, 40], [20, 20])).toEqual([0.5, 2]);
});

test("a slope is what most pairs of values agree on", () => {
  expect(slope([1, 3, 5, 7])).toBe(2);
  expect(slope([1, 3, 900, 7, 9])).toBe(2);
  expect(slope([4])).toBe(0);
});

test("what only rises rises in every pair, what goes to and fro in about half of them", () => {
  expect(rising([1, 2, 5, 9])).toBe(1);
  expect(rising([9, 5, 2, 2])).toBe(0);
  expect(rising([3, 1, 4, 2])).toBe(0.5);
});
