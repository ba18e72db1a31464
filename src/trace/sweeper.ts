import { processTimers, type Timers } from "./timers.ts";

const MIN_INTERVAL_MS = 10;

/** Sweeps a store again and again, with a timer only while there is something to sweep. */
export class Sweeper {
  readonly #intervalMs: number;
  readonly #timers: Timers;
  #cancel: (() => void) | null = null;
  readonly #due: () => void;

  /** `sweep` forgets what has expired and tells whether anything is left. */
  constructor(sweep: () => boolean, intervalMs: number, timers: Timers = processTimers) {
    this.#intervalMs = Math.max(MIN_INTERVAL_MS, intervalMs);
    this.#timers = timers;
    this.#due = () => {
      this.#cancel = null;
      if (sweep()) this.arm();
    };
  }

  /** There is something to sweep. */
  arm(): void {
    this.#cancel ??= this.#timers.after(this.#intervalMs, this.#due);
  }

  /** For good, whatever is put afterwards. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = () => {};
  }
}
