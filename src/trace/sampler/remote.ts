import type { SpanContext } from "../context.ts";
import { PerOperationSampler } from "./per-operation.ts";
import { ProbabilisticSampler } from "./probabilistic.ts";
import { RateLimitingSampler } from "./rate-limiting.ts";
import type { OperationName, Sampler } from "./sampler.ts";
import type { SamplingStrategy } from "./strategy.ts";
import type { SamplerTags } from "./tags.ts";

/** Does as the last strategy says. A strategy of the same kind changes the sampler, so that it keeps its balance. */
export class RemoteSampler implements Sampler {
  readonly #maxOperations: number;
  readonly #nowMs: () => number;
  #current: Sampler;

  /** Until the first strategy a share of `initialRate` is sampled. `nowMs` is a clock that never goes back. */
  constructor(initialRate: number, maxOperations: number, nowMs: () => number) {
    this.#maxOperations = maxOperations;
    this.#nowMs = nowMs;
    this.#current = new ProbabilisticSampler(initialRate);
  }

  apply(strategy: SamplingStrategy): void {
    const current = this.#current;
    if (strategy.kind === "operations" && current instanceof PerOperationSampler) current.update(strategy);
    else if (strategy.kind === "ratelimiting" && current instanceof RateLimitingSampler) {
      current.update(strategy.tracesPerSecond);
    } else this.#current = this.#newSampler(strategy);
  }

  sample(root: SpanContext, operation: OperationName): SamplerTags | null {
    return this.#current.sample(root, operation);
  }

  #newSampler(strategy: SamplingStrategy): Sampler {
    switch (strategy.kind) {
      case "probabilistic":
        return new ProbabilisticSampler(strategy.rate);
      case "ratelimiting":
        return new RateLimitingSampler(strategy.tracesPerSecond, this.#nowMs);
      case "operations":
        return new PerOperationSampler(strategy, this.#maxOperations, this.#nowMs);
    }
  }
}
