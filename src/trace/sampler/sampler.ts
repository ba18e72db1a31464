import type { SpanContext } from "../context.ts";
import type { SamplerTags } from "./tags.ts";

/** What the configuration asks for (JAEGER_SAMPLER_TYPE, JAEGER_SAMPLER_PARAM). */
export interface SamplerConfig {
  readonly type: "const" | "probabilistic" | "ratelimiting" | "remote";
  readonly param: number;
}

/** The name of the operation that a trace begins with. Building it costs, so it is asked for only when it decides. */
export type OperationName = () => string;

/** Decides once per new trace whether it is recorded; a trace that came from outside keeps its sender's decision. */
export interface Sampler {
  /**
   * The tags that go on the root span, before all others, if the new trace that begins with `root` is to be recorded;
   * null if it is not. Calls `operation` at most once, during the call: hand in the same function every time, then
   * a decision allocates nothing.
   */
  sample(root: SpanContext, operation: OperationName): SamplerTags | null;
}
