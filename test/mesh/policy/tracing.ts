import { ContextPolicy } from "../../../src/mesh/policy/context.ts";
import type { Propagator } from "../../../src/trace/propagation.ts";
import { ConstSampler } from "../../../src/trace/sampler/const.ts";
import { ContextStore } from "../../../src/trace/store.ts";
import { FakeTime } from "../../trace/support/fakes.ts";

interface Setting {
  readonly sampled?: boolean;
  readonly propagators?: readonly Propagator[];
  readonly infer?: boolean;
  readonly wide?: boolean;
}

/** A context policy whose ids are 1, 2, 3, ..., so that the first root is `ROOT`; mappings live for 5 s after the end. */
export function tracing({ sampled = true, infer = false, wide = false, propagators }: Setting = {}) {
  let word = 0;
  const time = new FakeTime();
  const store = new ContextStore({
    expirationMs: 5000,
    sweepIntervalMs: 1000,
    maxEntries: 100,
    nowMs: time.now,
    timers: time,
  });
  const sampler = new ConstSampler(sampled);
  const listed = propagators === undefined ? {} : { propagators };
  const policy = new ContextPolicy({ store, sampler, ids: { word: () => ++word }, wide, infer, ...listed });
  return { policy, store, time };
}

const NO_PARENT = "0000000000000000";
export const ROOT = `0000000100000002:0000000100000002:${NO_PARENT}`;
