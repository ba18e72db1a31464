import type { Sampler } from "./sampler.ts";
import { SteadyRateLimiter } from "./steady-rate-limiter.ts";
import { SamplerTags } from "./tags.ts";

/** So many traces a second, in bursts of one second's worth; the first trace always. */
export class RateLimitingSampler implements Sampler {
  readonly #limiter: SteadyRateLimiter;
  #tags: SamplerTags;

  /** `nowMs` is a clock that never goes back. */
  constructor(tracesPerSecond: number, nowMs: () => number) {
    this.#limiter = new SteadyRateLimiter(tracesPerSecond, nowMs);
    this.#tags = new SamplerTags("ratelimiting", tracesPerSecond);
  }

  update(tracesPerSecond: number): void {
    this.#limiter.setRate(tracesPerSecond);
    this.#tags = new SamplerTags("ratelimiting", tracesPerSecond);
  }

  sample(): SamplerTags | null {
    return this.#limiter.checkCredit(1) ? this.#tags : null;
  }
}
