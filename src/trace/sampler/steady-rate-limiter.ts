/**
 * The only importer of jaeger-client: of its parts only the token bucket is worth its weight. Its sampler classes need
 * `tracer.js` first, and that costs every idle sidecar 3 MB of anonymous memory and 10 MB resident for
 * `Math.random() < rate`; its remote sampler needs `url.parse` and ignores the status of an answer.
 */
import rateLimiter from "jaeger-client/dist/src/rate_limiter.js";

/** A CommonJS module with `__esModule`: its default export lies one level deeper when it is bundled. */
const RateLimiter = (rateLimiter as unknown as { default?: typeof rateLimiter }).default ?? rateLimiter;

/** Above this the bucket could not tell: infinity would make it NaN. */
const MAX_PER_SECOND = 1e9;

/**
 * jaeger-client's bucket, fed by a clock that never goes back (theirs is the wall clock: one step back in time stops
 * sampling for as long) and that costs no object per question. It holds one second's worth, but at least one.
 */
export class SteadyRateLimiter extends RateLimiter {
  readonly #nowMs: () => number;
  #perSecond: number;
  #lastTickMs: number;

  constructor(perSecond: number, nowMs: () => number) {
    // Full at the start, as in Go; jaeger-client would begin with a random balance and may refuse the first trace.
    const burst = burstOf(perSecond);
    super(Math.min(perSecond, MAX_PER_SECOND), burst, burst);
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#lastTickMs = nowMs();
  }

  /** From now on fills at another rate; stays as full as it is, in proportion. */
  setRate(perSecond: number): void {
    if (perSecond === this.#perSecond) return;
    this.#perSecond = perSecond;
    this.update(Math.min(perSecond, MAX_PER_SECOND), burstOf(perSecond));
  }

  override _updateBalance(): void {
    const nowMs = this.#nowMs();
    const earned = ((nowMs - this.#lastTickMs) / 1000) * this._creditsPerSecond;
    this._balance = Math.min(this._maxBalance, this._balance + earned);
    this.#lastTickMs = nowMs;
  }
}

function burstOf(perSecond: number): number {
  return Math.max(Math.min(perSecond, MAX_PER_SECOND), 1);
}
