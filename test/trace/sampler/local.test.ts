import { describe, expect, test } from "bun:test";
import { newRoot, SpanContext } from "../../../src/trace/context.ts";
import { RandomIds } from "../../../src/trace/ids.ts";
import { createSampling } from "../../../src/trace/sampler/create.ts";
import { createLocalSampler } from "../../../src/trace/sampler/partial.ts";
import type { Sampler, SamplerConfig } from "../../../src/trace/sampler/sampler.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";
import { contextOf } from "../support/golden.ts";
import { ANY, countSampled, noOperation } from "./sampling.ts";

/** The one that the configuration asks for so. */
async function asked(type: SamplerConfig["type"], param: number): Promise<Sampler> {
  const remote = { endpoint: "http://127.0.0.1:1/", maxOperations: 1, refreshIntervalMs: 1 };
  const sampler = { type, param };
  return (await createSampling({ sampler, remote, serviceName: "s", log: new MemoryLog() })).sampler;
}

function isSampled(sampler: Sampler, root = ANY): boolean {
  return sampler.sample(root, noOperation) !== null;
}

test.each<[SamplerConfig["type"], number, unknown]>([
  ["const", 1, true],
  ["const", 0.5, true],
  ["probabilistic", 0.1, 0.1],
  ["ratelimiting", 2, 2],
  ["ratelimiting", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])(
  "%s %p names itself and its parameter when it samples, without asking for the operation",
  async (type, param, tagged) => {
    const sampler = await asked(type, param);
    const { type: name, param: value } = sampler.sample(contextOf("1", "1"), noOperation)!;
    expect([name, value]).toEqual<unknown[]>([type, tagged]);
  },
);

describe("const", () => {
  test.each([
    [0, false],
    [1, true],
    [0.5, true],
    [-1, true],
    [Number.NaN, true],
  ])("with parameter %p samples: %p", async (param, sampled) => {
    expect(isSampled(await asked("const", param))).toBe(sampled);
  });
});

describe("probabilistic", () => {
  test.each([
    [0, "8000000000000000", true],
    [0, "0000000000100000", false],
    [1, "7fffffffffffffff", true],
    [1, "ffffffffffffffff", true],
    [0.5, "3fffffffffffffff", true],
    [0.5, "4000100000000000", false],
    [0.5, "c000100000000000", false],
    [0.5, "bfffffffffffffff", true],
  ])("at rate %p decides by the lower 63 bits: trace %s is sampled: %p", (param, trace, sampled) => {
    expect(isSampled(createLocalSampler({ type: "probabilistic", param }), contextOf(trace, "1"))).toBe(
      sampled,
    );
  });

  test("samples about its share of random traces", () => {
    const sampler = createLocalSampler({ type: "probabilistic", param: 0.1 });
    const ids = new RandomIds();
    const root = new SpanContext();
    let sampled = 0;
    for (let i = 0; i < 100_000; i++) if (isSampled(sampler, newRoot(root, ids, true, 0))) sampled++;
    expect(Math.abs(sampled - 10_000)).toBeLessThan(1000); // more than ten standard deviations
  });
});

describe("ratelimiting", () => {
  function setUp(param: number) {
    const time = new FakeTime();
    const sampler = createLocalSampler({ type: "ratelimiting", param }, time.now);
    return { time, burst: () => countSampled(sampler, 100) };
  }

  test.each([
    ["begins with a full bucket", 20, 20],
    ["always lets the first trace through, even at one an hour", 1 / 3600, 1],
    ["at rate zero samples the first trace only", 0, 1],
    ["samples everything at an infinite rate", Number.POSITIVE_INFINITY, 100],
  ])("%s", (_label, param, sampled) => {
    expect(setUp(param).burst()).toBe(sampled);
  });

  test.each([
    [2, 499, 0],
    [2, 500, 1],
    [2, 1_000_000, 2],
    [0.5, 1999, 0],
    [0.5, 2000, 1],
    [0, 1_000_000, 0],
  ])("an empty bucket of %d traces a second lets, after %d ms, %d more through", (param, ms, sampled) => {
    const { time, burst } = setUp(param);
    burst();
    time.advance(ms);
    expect(burst()).toBe(sampled);
  });

  test("has nothing to do with the wall clock, which may be set back", () => {
    const { time, burst } = setUp(2);
    burst();
    time.advance(500);
    const { getTime } = Date.prototype;
    Date.prototype.getTime = () => 0;
    try {
      expect(burst()).toBe(1);
    } finally {
      Date.prototype.getTime = getTime;
    }
  });
});
