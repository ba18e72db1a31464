import type { SpanContext } from "../context.ts";
import type { Sampler } from "./sampler.ts";
import { SamplerTags } from "./tags.ts";

const MAX_INT63 = 2 ** 63;

/** By the trace id, as jaeger-client-go does (sampler.go `ProbabilisticSampler`): the same trace, the same answer. */
export class ProbabilisticSampler implements Sampler {
  readonly #tags: SamplerTags;
  readonly #boundary: number;

  /** `rate` is the share of traces, from 0 to 1. */
  constructor(readonly rate: number) {
    this.#boundary = rate * MAX_INT63;
    this.#tags = new SamplerTags("probabilistic", rate);
  }

  sample({ traceLowHi, traceLowLo }: SpanContext): SamplerTags | null {
    const low63 = (traceLowHi & 0x7fffffff) * 0x1_0000_0000 + (traceLowLo >>> 0);
    return low63 <= this.#boundary ? this.#tags : null;
  }
}
