import { describe, expect, test } from "bun:test";
import { RemoteSampler } from "../../../src/trace/sampler/remote.ts";
import type { SamplingStrategy } from "../../../src/trace/sampler/strategy.ts";
import { FakeTime } from "../support/fakes.ts";
import { contextOf } from "../support/golden.ts";
import { countSampled, decision } from "./sampling.ts";

const LOW = contextOf("1", "1");
const rate = (value: number): SamplingStrategy => ({ kind: "probabilistic", rate: value });
const limit = (tracesPerSecond: number): SamplingStrategy => ({ kind: "ratelimiting", tracesPerSecond });
const operations = (lowerBound: number): SamplingStrategy => ({
  kind: "operations",
  defaultRate: 0,
  lowerBound,
  rates: new Map([["/a", 0]]),
});

function setUp(initialRate = 0) {
  return new RemoteSampler(initialRate, 10, new FakeTime().now);
}

test.each([
  [0, null],
  [0.5, "probabilistic 0.5"],
])("until the first strategy the initial rate counts: %p", (initialRate, decided) => {
  expect(decision(setUp(initialRate), "/a", LOW)).toBe(decided);
});

describe("from one strategy to the next", () => {
  test.each([
    ["rate to rate", [rate(0), rate(1)], "probabilistic 1"],
    ["rate to limit", [rate(1), limit(7)], "ratelimiting 7"],
    ["limit to limit", [limit(7), limit(8)], "ratelimiting 8"],
    ["limit to operations", [limit(7), operations(1)], "lowerbound 0"],
    ["operations to operations", [operations(1), operations(2)], "lowerbound 0"],
    ["operations to rate", [operations(1), rate(1)], "probabilistic 1"],
  ])("%s the last one decides", (_label, strategies, decided) => {
    const sampler = setUp();
    for (const strategy of strategies) sampler.apply(strategy);
    expect(decision(sampler, "/a")).toBe(decided);
  });

  test.each([
    ["the same limit", limit(4), limit(4), 0],
    ["a higher limit, as full as before", limit(4), limit(8), 0],
    ["the same guarantee", operations(4), operations(4), 0],
    ["a new kind, which begins full", limit(4), operations(6), 6],
  ])("an empty bucket stays empty with %s", (_label, first, second, sampled) => {
    const sampler = setUp();
    const burst = () => countSampled(sampler, 100, () => "/a");
    sampler.apply(first);
    burst();
    sampler.apply(second);
    expect(burst()).toBe(sampled);
  });
});
