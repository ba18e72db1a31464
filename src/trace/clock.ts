/**
 * Wall clock time in microseconds, cheap enough for every span.
 *
 * `Date.now()` only knows milliseconds; `performance.now()` is fine-grained but does not follow corrections of the wall
 * clock (NTP). So we add an origin to the latter and, at most every few seconds and only when asked for the time, push
 * the origin back into the millisecond that `Date.now()` names. Inside that millisecond nothing moves: durations of
 * spans that cross a correction stay right unless the wall clock itself was wrong.
 */
const REANCHOR_MS = 5000;

export class Clock {
  readonly #wallMs: () => number;
  readonly #steadyMs: () => number;
  #originMs: number;
  #anchoredAtMs: number;

  /**
   * `wallMs` is like `Date.now`, `steadyMs` like `performance.now`. `originMs` is the wall clock's time at which
   * `steadyMs` was zero, known to better than `wallMs` tells: two processes of one machine must agree on which span
   * began first.
   */
  constructor(
    wallMs: () => number = Date.now,
    steadyMs: () => number = () => performance.now(),
    originMs: number = performance.timeOrigin,
  ) {
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
    this.#originMs = originMs;
    this.#anchoredAtMs = steadyMs();
    this.#reanchor(this.#anchoredAtMs);
  }

  /** Whole microseconds since the Unix epoch. */
  nowUs(): number {
    const steadyMs = this.#steadyMs();
    if (steadyMs - this.#anchoredAtMs >= REANCHOR_MS) this.#reanchor(steadyMs);
    return Math.floor((this.#originMs + steadyMs) * 1000);
  }

  #reanchor(steadyMs: number): void {
    this.#anchoredAtMs = steadyMs;
    const aheadMs = this.#originMs + steadyMs - this.#wallMs();
    if (aheadMs < 0) this.#originMs -= aheadMs;
    else if (aheadMs > 1) this.#originMs -= aheadMs - 1;
  }
}
