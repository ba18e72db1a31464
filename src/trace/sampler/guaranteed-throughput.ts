import type { SpanContext } from "../context.ts";
import { ProbabilisticSampler } from "./probabilistic.ts";
import type { Sampler } from "./sampler.ts";
import { SteadyRateLimiter } from "./steady-rate-limiter.ts";
import { SamplerTags } from "./tags.ts";

/**
 * A share of all traces, but so many a second at least (jaeger-client-go, sampler.go
 * `GuaranteedThroughputProbabilisticSampler`).
 */
export class GuaranteedThroughputSampler implements Sampler {
  readonly #lowerBound: SteadyRateLimiter;
  #probabilistic: ProbabilisticSampler;
  #lowerBoundTags: SamplerTags;

  /** `rate` from 0 to 1, `lowerBound` in traces a second; `nowMs` is a clock that never goes back. */
  constructor(rate: number, lowerBound: number, nowMs: () => number) {
    this.#lowerBound = new SteadyRateLimiter(lowerBound, nowMs);
    this.#probabilistic = new ProbabilisticSampler(rate);
    this.#lowerBoundTags = new SamplerTags("lowerbound", rate);
  }

  update(rate: number, lowerBound: number): void {
    this.#lowerBound.setRate(lowerBound);
    if (rate === this.#probabilistic.rate) return;
    this.#probabilistic = new ProbabilisticSampler(rate);
    this.#lowerBoundTags = new SamplerTags("lowerbound", rate);
  }

  sample(root: SpanContext): SamplerTags | null {
    const chosen = this.#probabilistic.sample(root);
    // Asked in any case: what was chosen counts towards the guarantee.
    const owed = this.#lowerBound.checkCredit(1);
    return chosen ?? (owed ? this.#lowerBoundTags : null);
  }
}
