import { LONGEST_MS } from "../../env.ts";
import { LineLimit } from "../../log/line-limit.ts";
import type { Log } from "../../log.ts";
import type { Timers } from "../timers.ts";
import { describeStrategy, type SamplingStrategy } from "./strategy.ts";

/** A server that has not answered by then does not answer. */
const TIMEOUT_MS = 10_000;

export interface StrategyPollerOptions {
  /** Asks the server; rejects on failure and when the signal fires, then with the signal's reason. */
  readonly ask: (signal: AbortSignal) => Promise<SamplingStrategy>;
  /** Takes each answer. */
  readonly apply: (strategy: SamplingStrategy) => void;
  /** Whom we ask, for the log. */
  readonly server: string;
  readonly intervalMs: number;
  readonly log: Log;
  readonly timers: Timers;
  /** A clock that never goes back. */
  readonly nowMs: () => number;
}

/**
 * Asks a server for the strategy, one question at a time, first after one interval (as jaeger-client-go does). After a
 * failure the last answer stays in force.
 */
export class StrategyPoller {
  readonly #options: StrategyPollerOptions;
  readonly #lines: LineLimit;
  #question = new AbortController();
  /** Of the one timer there is: for the next question, or for the answer. */
  #cancelTimer = (): void => {};
  #said = "";
  #stopped = false;

  constructor(options: StrategyPollerOptions) {
    this.#options = options;
    this.#lines = new LineLimit(options.log, options.nowMs);
  }

  start(): void {
    const { timers, intervalMs } = this.#options;
    this.#cancelTimer = timers.after(Math.min(intervalMs, LONGEST_MS), () => void this.#poll());
  }

  /** For good: no question, answer or log line after this. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#question.abort(new Error("stopped"));
  }

  async #poll(): Promise<void> {
    const { ask, timers } = this.#options;
    const question = new AbortController();
    this.#question = question;
    const late = new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`);
    this.#cancelTimer = timers.after(TIMEOUT_MS, () => question.abort(late));
    try {
      this.#answered(await ask(question.signal));
    } catch (error) {
      this.#failed(reason(error));
    }
    this.#cancelTimer();
    if (!this.#stopped) this.start();
  }

  #answered(strategy: SamplingStrategy): void {
    if (this.#stopped) return;
    const { apply, server, log } = this.#options;
    apply(strategy);
    const description = describeStrategy(strategy);
    if (description === this.#said) return;
    this.#said = description;
    log.info(`Sampling strategy from ${server}: ${description}`);
  }

  #failed(why: string): void {
    if (this.#stopped) return;
    this.#said = "";
    this.#lines.warn(`No sampling strategy from ${this.#options.server}: ${why}; sampling stays as it is`);
  }
}

/** The codes of Bun's fetch say more than its messages. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
