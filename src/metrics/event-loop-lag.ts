import { LAG_BUCKETS } from "./buckets.ts";
import type { Exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";

/** An idle process pays 0.2 ms a second for it; five looks a second cost 2 ms. */
const INTERVAL_MS = 1000;

/** How late timers run: whatever holds them up holds up traffic too. */
export class EventLoopLag {
  readonly #lags = new Histogram(LAG_BUCKETS, 1);
  readonly #nowMs: () => number;
  #lastMs = 0;

  /** `nowMs` is a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Looks from now on, without keeping the process alive. */
  start(): void {
    this.#lastMs = this.#nowMs();
    setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  /** Due every `INTERVAL_MS`. */
  look(): void {
    const nowMs = this.#nowMs();
    this.#lags.observe(0, Math.max(0, Math.round((nowMs - this.#lastMs - INTERVAL_MS) * 1000)));
    this.#lastMs = nowMs;
  }

  write(out: Exposition): void {
    const help = `How late the event loop runs what is due, asked every ${INTERVAL_MS} ms.`;
    out.family("histogram", "netramesh_event_loop_lag_seconds", help);
    out.histogram("", this.#lags, 0);
  }
}
