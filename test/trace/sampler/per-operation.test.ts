import { describe, expect, test } from "bun:test";
import { PerOperationSampler } from "../../../src/trace/sampler/per-operation.ts";
import { FakeTime } from "../support/fakes.ts";
import { contextOf } from "../support/golden.ts";
import { countSampled, decision } from "./sampling.ts";

/** Sampled at every rate but 0. */
const LOW = contextOf("1", "1");

function strategy(defaultRate: number, lowerBound: number, rates: Record<string, number> = {}) {
  return { kind: "operations", defaultRate, lowerBound, rates: new Map(Object.entries(rates)) } as const;
}

function setUp(first: ReturnType<typeof strategy>, maxOperations = 3) {
  const time = new FakeTime();
  const sampler = new PerOperationSampler(first, maxOperations, time.now);
  const burst = (operation: string) => countSampled(sampler, 100, () => operation);
  return { time, sampler, burst };
}

describe("the deciding sampler", () => {
  const { sampler } = setUp(strategy(0.1, 1, { "/all": 1, "/none": 0 }), 2);
  test.each([
    ["is the rate of a listed operation", "/all", LOW, "probabilistic 1"],
    ["is the guarantee where the rate left the trace out", "/none", undefined, "lowerbound 0"],
    ["is the default rate without guarantee where there is no room", "/other", LOW, "probabilistic 0.1"],
    ["is nobody where there is neither room nor luck", "/other", undefined, null],
  ])("%s", (_label, operation, root, decided) => {
    expect(decision(sampler, operation, root)).toBe(decided);
  });
});

describe("the guarantee", () => {
  test.each([
    ["holds for a listed operation", "/listed", 3],
    ["holds for an operation learnt from traffic", "/learnt", 3],
    ["does not hold for a name longer than any span's", "/".repeat(1025), 0],
  ])("%s", (_label, operation, sampled) => {
    expect(setUp(strategy(0, 3, { "/listed": 0 })).burst(operation)).toBe(sampled);
  });

  test("is each operation's own, and comes again with time", () => {
    const { time, burst } = setUp(strategy(0, 1));
    const bursts = () => [burst("/a"), burst("/b")];
    expect([bursts(), bursts()]).toEqual([
      [1, 1],
      [0, 0],
    ]);
    time.advance(1000);
    expect(bursts()).toEqual([1, 1]);
  });

  test("counts what the rate chose", () => {
    const { sampler, burst } = setUp(strategy(0.1, 2));
    decision(sampler, "/a", LOW);
    expect(burst("/a")).toBe(1);
  });

  test("at zero a second is the first trace of each operation", () => {
    const { time, burst } = setUp(strategy(0, 0));
    expect(burst("/a")).toBe(1);
    time.advance(1_000_000);
    expect(burst("/a")).toBe(0);
  });
});

test("no more operations are remembered than allowed, those listed included", () => {
  const { burst } = setUp(strategy(0, 1, { "/1": 0 }), 3);
  expect(["/1", "/2", "/3", "/4", "/5"].map(burst)).toEqual([1, 1, 1, 0, 0]);
});

describe("a new strategy", () => {
  test("changes rates and the default", () => {
    const { sampler } = setUp(strategy(0, 0, { "/a": 0 }));
    sampler.update(strategy(0.5, 0, { "/a": 1 }));
    expect([decision(sampler, "/a"), decision(sampler, "/b", LOW)]).toEqual([
      "probabilistic 1",
      "probabilistic 0.5",
    ]);
  });

  test("does not fill the buckets of operations that stay listed", () => {
    const { sampler, burst } = setUp(strategy(0, 2, { "/a": 0 }));
    burst("/a");
    sampler.update(strategy(0, 2, { "/a": 0.001 }));
    expect(burst("/a")).toBe(0);
  });

  test("changes the guarantee of listed operations, in proportion", () => {
    const { sampler, burst } = setUp(strategy(0, 4, { "/a": 0 }));
    decision(sampler, "/a");
    decision(sampler, "/a");
    sampler.update(strategy(0, 10, { "/a": 0 }));
    expect(burst("/a")).toBe(5);
  });

  test("makes room by forgetting what it does not list", () => {
    const { sampler, burst } = setUp(strategy(0, 1), 1);
    expect([burst("/a"), burst("/b")]).toEqual([1, 0]);
    sampler.update(strategy(0, 1));
    expect([burst("/b"), burst("/a")]).toEqual([1, 0]);
  });
});
