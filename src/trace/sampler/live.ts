import type { SpanContext } from "../context.ts";
import { createSampling, type Sampling, type SamplingOptions } from "./create.ts";
import type { OperationName, Sampler } from "./sampler.ts";
import type { SamplerTags } from "./tags.ts";

/** Sampling that can be asked for anew while traces begin. */
export class LiveSampling implements Sampler {
  #options: SamplingOptions;
  #sampling: Sampling;
  #isStopped = false;

  /** Nothing happens in the background before `start`. */
  static async create(options: SamplingOptions): Promise<LiveSampling> {
    return new LiveSampling(options, await createSampling(options));
  }

  private constructor(options: SamplingOptions, sampling: Sampling) {
    this.#options = options;
    this.#sampling = sampling;
  }

  sample(root: SpanContext, operation: OperationName): SamplerTags | null {
    return this.#sampling.sampler.sample(root, operation);
  }

  start(): void {
    this.#sampling.start();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#sampling.stop();
  }

  /**
   * Goes on as asked, of calls at once as the last one asks. The same again changes nothing, so limiters keep their
   * balance and strategies hold.
   */
  async change(asked: Pick<SamplingOptions, "sampler" | "remote">): Promise<void> {
    const { sampler, remote } = this.#options;
    if (Bun.deepEquals([asked.sampler, asked.remote], [sampler, remote])) return;
    const options = { ...this.#options, sampler: asked.sampler, remote: asked.remote };
    this.#options = options;
    const next = await createSampling(options);
    if (this.#options !== options || this.#isStopped) return;
    this.#sampling.stop();
    this.#sampling = next;
    next.start();
  }
}
