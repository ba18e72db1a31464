import type { SpanContext } from "../context.ts";
import { createSampling, type Sampling, type SamplingOptions } from "./create.ts";
import type { OperationName, Sampler } from "./sampler.ts";
import type { SamplerTags } from "./tags.ts";

/** Sampling that can be asked for anew while traces begin. */
export class LiveSampling implements Sampler {
  #options: SamplingOptions;
  #sampling: Sampling;

  /** Nothing happens in the background before `start`. */
  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#sampling = createSampling(options);
  }

  sample(root: SpanContext, operation: OperationName): SamplerTags | null {
    return this.#sampling.sampler.sample(root, operation);
  }

  start(): void {
    this.#sampling.start();
  }

  stop(): void {
    this.#sampling.stop();
  }

  /** Goes on as asked; the same again changes nothing, so limiters keep their balance and strategies hold. */
  change(asked: Pick<SamplingOptions, "sampler" | "remote">): void {
    const { sampler, remote } = this.#options;
    if (Bun.deepEquals([asked.sampler, asked.remote], [sampler, remote])) return;
    this.#sampling.stop();
    this.#options = { ...this.#options, sampler: asked.sampler, remote: asked.remote };
    this.#sampling = createSampling(this.#options);
    this.#sampling.start();
  }
}
