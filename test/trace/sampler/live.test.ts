import { expect, test } from "bun:test";
import { SpanContext } from "../../../src/trace/context.ts";
import { LiveSampling } from "../../../src/trace/sampler/live.ts";
import type { SamplerConfig } from "../../../src/trace/sampler/sampler.ts";
import { FakeLog, FakeTime } from "../support/fakes.ts";

const remote = { endpoint: "http://127.0.0.1:5778/sampling", maxOperations: 10, refreshIntervalMs: 1000 };

function live(sampler: SamplerConfig) {
  const time = new FakeTime();
  const options = { sampler, remote, serviceName: "shop", log: new FakeLog(), timers: time, nowMs: time.now };
  const sampling = new LiveSampling(options);
  sampling.start();
  const isSampled = () => sampling.sample(new SpanContext(), () => "op") !== null;
  return { sampling, time, isSampled };
}

test("another sampler decides from then on", () => {
  const { sampling, isSampled } = live({ type: "const", param: 0 });
  expect(isSampled()).toBe(false);
  sampling.change({ sampler: { type: "const", param: 1 }, remote });
  expect(isSampled()).toBe(true);
});

test("the same one again does not give a limiter new balance", () => {
  const { sampling, isSampled } = live({ type: "ratelimiting", param: 1 });
  expect([isSampled(), isSampled()]).toEqual([true, false]);
  sampling.change({ sampler: { type: "ratelimiting", param: 1 }, remote: { ...remote } });
  expect(isSampled()).toBe(false);
});

test("one asks for strategies while sampling is remote, and never twice", () => {
  const { sampling, time } = live({ type: "const", param: 0 });
  expect(time.armed).toBe(0);
  sampling.change({ sampler: { type: "remote", param: 0 }, remote });
  expect(time.armed).toBe(1);
  sampling.change({ sampler: { type: "remote", param: 0 }, remote: { ...remote, refreshIntervalMs: 5 } });
  expect(time.armed).toBe(1);
  sampling.change({ sampler: { type: "const", param: 0 }, remote });
  expect(time.armed).toBe(0);
});
