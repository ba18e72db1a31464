import { expect, test } from "bun:test";
import { SpanContext } from "../../../src/trace/context.ts";
import { LiveSampling } from "../../../src/trace/sampler/live.ts";
import type { SamplerConfig } from "../../../src/trace/sampler/sampler.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";

const remote = { endpoint: "http://127.0.0.1:5778/sampling", maxOperations: 10, refreshIntervalMs: 1000 };

async function live(sampler: SamplerConfig) {
  const time = new FakeTime();
  const options = {
    sampler,
    remote,
    serviceName: "shop",
    log: new MemoryLog(),
    timers: time,
    nowMs: time.now,
  };
  const sampling = await LiveSampling.create(options);
  sampling.start();
  const isSampled = () => sampling.sample(new SpanContext(), () => "op") !== null;
  return { sampling, time, isSampled };
}

test("another sampler decides from then on", async () => {
  const { sampling, isSampled } = await live({ type: "const", param: 0 });
  expect(isSampled()).toBe(false);
  await sampling.change({ sampler: { type: "const", param: 1 }, remote });
  expect(isSampled()).toBe(true);
});

test("the same one again does not give a limiter new balance", async () => {
  const { sampling, isSampled } = await live({ type: "ratelimiting", param: 1 });
  expect([isSampled(), isSampled()]).toEqual([true, false]);
  await sampling.change({ sampler: { type: "ratelimiting", param: 1 }, remote: { ...remote } });
  expect(isSampled()).toBe(false);
});

test("one asks for strategies while sampling is remote, and never twice", async () => {
  const { sampling, time } = await live({ type: "const", param: 0 });
  expect(time.armed).toBe(0);
  await sampling.change({ sampler: { type: "remote", param: 0 }, remote });
  expect(time.armed).toBe(1);
  await sampling.change({
    sampler: { type: "remote", param: 0 },
    remote: { ...remote, refreshIntervalMs: 5 },
  });
  expect(time.armed).toBe(1);
  await sampling.change({ sampler: { type: "const", param: 0 }, remote });
  expect(time.armed).toBe(0);
});

test.each([
  [["remote", "const"], 0],
  [["const", "remote"], 1],
  [["remote", "const", "remote"], 1],
] as const)("of changes that come at once, %j, the last one holds", async (types, armed) => {
  const { sampling, time } = await live({ type: "probabilistic", param: 0 });
  await Promise.all(types.map((type) => sampling.change({ sampler: { type, param: 0 }, remote })));
  expect(time.armed).toBe(armed);
});

test("a change that comes before the end begins nothing after it", async () => {
  const { sampling, time } = await live({ type: "const", param: 0 });
  const changed = sampling.change({ sampler: { type: "remote", param: 0 }, remote });
  sampling.stop();
  await changed;
  expect(time.armed).toBe(0);
});
