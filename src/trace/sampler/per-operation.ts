import type { SpanContext } from "../context.ts";
import { GuaranteedThroughputSampler } from "./guaranteed-throughput.ts";
import { ProbabilisticSampler } from "./probabilistic.ts";
import type { OperationName, Sampler } from "./sampler.ts";
import type { OperationStrategy } from "./strategy.ts";
import type { SamplerTags } from "./tags.ts";

/** Longer names share the default, so that no peer fills our memory with its paths. */
const MAX_NAME_LENGTH = 1024;

/**
 * One sampler per operation (jaeger-client-go 2.30, sampler.go `PerOperationSampler`). Operations that the strategy does
 * not list get the default rate with a guarantee of their own as long as there is room for them, then without.
 */
export class PerOperationSampler implements Sampler {
  readonly #maxOperations: number;
  readonly #nowMs: () => number;
  #byOperation = new Map<string, GuaranteedThroughputSampler>();
  #default = new ProbabilisticSampler(0);
  #lowerBound = 0;

  /** `maxOperations` bounds what is learnt from traffic; `nowMs` is a clock that never goes back. */
  constructor(strategy: OperationStrategy, maxOperations: number, nowMs: () => number) {
    this.#maxOperations = maxOperations;
    this.#nowMs = nowMs;
    this.update(strategy);
  }

  /** Takes a new strategy. What it does not list is forgotten, which makes room for operations of today. */
  update({ defaultRate, lowerBound, rates }: OperationStrategy): void {
    const before = this.#byOperation;
    this.#byOperation = new Map();
    this.#default = new ProbabilisticSampler(defaultRate);
    this.#lowerBound = lowerBound;
    for (const [operation, rate] of rates) {
      const known = before.get(operation);
      known?.update(rate, lowerBound);
      this.#byOperation.set(operation, known ?? this.#newSampler(rate));
    }
  }

  sample(root: SpanContext, operation: OperationName): SamplerTags | null {
    return this.#samplerOf(operation()).sample(root);
  }

  #samplerOf(operation: string): GuaranteedThroughputSampler | ProbabilisticSampler {
    const known = this.#byOperation.get(operation);
    if (known !== undefined) return known;
    if (this.#byOperation.size >= this.#maxOperations || operation.length > MAX_NAME_LENGTH) {
      return this.#default;
    }
    const learnt = this.#newSampler(this.#default.rate);
    this.#byOperation.set(operation, learnt);
    return learnt;
  }

  #newSampler(rate: number): GuaranteedThroughputSampler {
    return new GuaranteedThroughputSampler(rate, this.#lowerBound, this.#nowMs);
  }
}
