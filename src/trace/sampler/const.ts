import type { Sampler } from "./sampler.ts";
import { SamplerTags } from "./tags.ts";

/** Everything or nothing. */
export class ConstSampler implements Sampler {
  readonly #tags: SamplerTags | null;

  constructor(decision: boolean) {
    this.#tags = decision ? new SamplerTags("const", true) : null;
  }

  sample(): SamplerTags | null {
    return this.#tags;
  }
}
