import type { Log } from "../../log.ts";

const INTERVAL_MS = 30_000;

/** Warnings about one thing that keeps failing: one line per interval, then with the number of those not said. */
export class Complaints {
  readonly #log: Log;
  readonly #nowMs: () => number;
  #silentUntilMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(log: Log, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  say(message: string): void {
    const nowMs = this.#nowMs();
    if (nowMs < this.#silentUntilMs) {
      this.#unsaid++;
      return;
    }
    this.#log.warn(this.#unsaid === 0 ? message : `${message} (${this.#unsaid} more since the last line)`);
    this.#silentUntilMs = nowMs + INTERVAL_MS;
    this.#unsaid = 0;
  }
}
