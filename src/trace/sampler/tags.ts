import type { Span } from "../span.ts";
import { type ConstantTag, constantText, tagKey } from "../tag.ts";

const SAMPLER_TYPE = tagKey("sampler.type");
const SAMPLER_PARAM = tagKey("sampler.param");

/** The names of jaeger-client-go (constants.go `SamplerType*`). */
const TYPES = {
  const: constantText(SAMPLER_TYPE, "const"),
  probabilistic: constantText(SAMPLER_TYPE, "probabilistic"),
  ratelimiting: constantText(SAMPLER_TYPE, "ratelimiting"),
  lowerbound: constantText(SAMPLER_TYPE, "lowerbound"),
} as const;

/**
 * Why a trace is recorded: `sampler.type` and `sampler.param`. Made once per sampler. The types are interned, the
 * parameter is not: a server may send another one every minute, and interned tags stay for ever.
 */
export class SamplerTags {
  readonly #type: ConstantTag;

  constructor(
    readonly type: keyof typeof TYPES,
    readonly param: number | boolean,
  ) {
    this.#type = TYPES[type];
  }

  /** Puts both tags on `span`. */
  writeTo(span: Span): void {
    span.tag(this.#type);
    if (typeof this.param === "boolean") span.tagBool(SAMPLER_PARAM, this.param);
    else span.tagDouble(SAMPLER_PARAM, this.param);
  }
}
