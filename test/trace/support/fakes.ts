import type { Log } from "../../../src/log.ts";
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

/** A log that remembers its lines as `level message`. */
export class FakeLog implements Log {
  readonly lines: string[] = [];
  debug(message: string): void {
    this.lines.push(`debug ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
  fatal(message: string): void {
    this.lines.push(`fatal ${message}`);
  }
}
