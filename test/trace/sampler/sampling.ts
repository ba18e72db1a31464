import type { Sampler } from "../../../src/trace/sampler/sampler.ts";
import { contextOf } from "../support/golden.ts";

/** A trace id that every rate below 0.14 leaves out. */
export const ANY = contextOf("1234567890abcdef", "1234567890abcdef");

/** For samplers that must not ask. */
export const noOperation = (): string => {
  throw new Error("the operation name was built");
};

/** How many of `traces` new traces of one operation, at one moment, are sampled. */
export function countSampled(sampler: Sampler, traces: number, operation = noOperation, root = ANY): number {
  let sampled = 0;
  for (let i = 0; i < traces; i++) if (sampler.sample(root, operation) !== null) sampled++;
  return sampled;
}

/** The deciding sampler's type and parameter as `type parameter`; null if the trace is not sampled. */
export function decision(sampler: Sampler, operation: string, root = ANY): string | null {
  const tags = sampler.sample(root, () => operation);
  return tags && `${tags.type} ${tags.param}`;
}
