/**
 * Decides once per new trace whether it is recorded. The only importer of jaeger-client.
 *
 * Of jaeger-client only the token bucket is worth its weight. Its sampler classes need `tracer.js` first, and that
 * costs every idle sidecar 3 MB of anonymous memory and 10 MB resident for `Math.random() < rate`.
 */
import rateLimiter from "jaeger-client/dist/src/rate_limiter.js";
import type { SpanContext } from "./context.ts";
import { type ConstantTag, constantBool, constantDouble, constantText, tagKey } from "./tag.ts";

/** A CommonJS module with `__esModule`: its default export lies one level deeper when it is bundled. */
const RateLimiter = (rateLimiter as unknown as { default?: typeof rateLimiter }).default ?? rateLimiter;

/** What the configuration asks for (JAEGER_SAMPLER_TYPE, JAEGER_SAMPLER_PARAM). */
export interface SamplerConfig {
  readonly type: "const" | "probabilistic" | "ratelimiting" | "remote";
  readonly param: number;
}

export interface Sampler {
  /** Tags of a root span that this sampler chose, before all other tags. */
  readonly tags: readonly ConstantTag[];
  /** True when the new trace that begins with `root` is to be recorded. Allocates nothing. */
  sample(root: SpanContext): boolean;
}

const SAMPLER_TYPE = tagKey("sampler.type");
const SAMPLER_PARAM = tagKey("sampler.param");

/**
 * The sampler of a configuration. Remote sampling does not exist yet: until it answers, remote samples nothing. `nowMs`
 * is a clock that never goes back.
 */
export function createSampler({ type, param }: SamplerConfig, nowMs = () => performance.now()): Sampler {
  switch (type) {
    case "const":
      return new ConstSampler(param !== 0);
    case "probabilistic":
      return new ProbabilisticSampler(param);
    case "ratelimiting":
      return new RateLimitingSampler(param, nowMs);
    case "remote":
      return new ConstSampler(false);
  }
}

class ConstSampler implements Sampler {
  readonly tags: readonly ConstantTag[];
  readonly #decision: boolean;

  constructor(decision: boolean) {
    this.#decision = decision;
    this.tags = [constantText(SAMPLER_TYPE, "const"), constantBool(SAMPLER_PARAM, decision)];
  }

  sample(): boolean {
    return this.#decision;
  }
}

const MAX_INT63 = 2 ** 63;

/** By the trace id, as jaeger-client-go does (sampler.go `ProbabilisticSampler`): the same trace, the same answer. */
class ProbabilisticSampler implements Sampler {
  readonly tags: readonly ConstantTag[];
  readonly #boundary: number;

  constructor(rate: number) {
    this.#boundary = rate * MAX_INT63;
    this.tags = [constantText(SAMPLER_TYPE, "probabilistic"), constantDouble(SAMPLER_PARAM, rate)];
  }

  sample({ traceLowHi, traceLowLo }: SpanContext): boolean {
    return (traceLowHi & 0x7fffffff) * 0x1_0000_0000 + (traceLowLo >>> 0) <= this.#boundary;
  }
}

/**
 * jaeger-client's bucket, fed by a clock that never goes back (theirs is the wall clock: one step back in time stops
 * sampling for as long) and that costs no object per question.
 */
class SteadyRateLimiter extends RateLimiter {
  readonly #nowMs: () => number;
  #lastTickMs: number;

  constructor(perSecond: number, burst: number, nowMs: () => number) {
    // Full at the start, as in Go; jaeger-client would begin with a random balance and may refuse the first trace.
    super(perSecond, burst, burst);
    this.#nowMs = nowMs;
    this.#lastTickMs = nowMs();
  }

  override _updateBalance(): void {
    const nowMs = this.#nowMs();
    const earned = ((nowMs - this.#lastTickMs) / 1000) * this._creditsPerSecond;
    this._balance = Math.min(this._maxBalance, this._balance + earned);
    this.#lastTickMs = nowMs;
  }
}

/** Above this the bucket could not tell: infinity would make it NaN. */
const MAX_TRACES_PER_SECOND = 1e9;

class RateLimitingSampler implements Sampler {
  readonly tags: readonly ConstantTag[];
  readonly #limiter: SteadyRateLimiter;

  constructor(tracesPerSecond: number, nowMs: () => number) {
    const rate = Math.min(tracesPerSecond, MAX_TRACES_PER_SECOND);
    this.#limiter = new SteadyRateLimiter(rate, Math.max(rate, 1), nowMs);
    this.tags = [constantText(SAMPLER_TYPE, "ratelimiting"), constantDouble(SAMPLER_PARAM, tracesPerSecond)];
  }

  sample(): boolean {
    return this.#limiter.checkCredit(1);
  }
}
