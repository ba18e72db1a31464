import type { Timers } from "../../../src/trace/timers.ts";

/** Time in the test's hands: nothing happens until `advance`. */
export class FakeTime implements Timers {
  nowMs = 0;
  readonly now = (): number => this.nowMs;
  #pending: { atMs: number; run: () => void }[] = [];

  /** Timers that would wake the process up. */
  get armed(): number {
    return this.#pending.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, run };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#pending.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = next.atMs;
      this.#pending = this.#pending.filter((other) => other !== next);
      next.run();
    }
    this.nowMs = untilMs;
  }
}
