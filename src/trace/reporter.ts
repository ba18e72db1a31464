import type { Log } from "../log.ts";
import type { Batch } from "./batch.ts";
import { formatJaeger } from "./jaeger.ts";
import type { Sender } from "./sender/sender.ts";
import type { Span } from "./span.ts";
import type { SpanPool } from "./span-pool.ts";
import { processTimers, type Timers } from "./timers.ts";

export interface ReporterOptions {
  readonly pool: SpanPool;
  readonly batch: Batch;
  readonly sender: Sender;
  readonly log: Log;
  /** How long a span may wait for company. */
  readonly flushIntervalMs: number;
  /** One log line per span (JAEGER_REPORTER_LOG_SPANS). */
  readonly logSpans: boolean;
  readonly timers?: Timers;
}

/** Spans since the start, by what became of them. */
export interface ReporterCounters {
  /** Handed to the sender. */
  exported: number;
  /** Larger than a whole batch may be. */
  droppedTooLarge: number;
  /** In a batch that the sender did not take. */
  droppedUnsent: number;
}

/**
 * Decides what becomes of finished spans: each is encoded at once and its record given back, the encoded batch is sent
 * when it is full or when its oldest span has waited long enough. A timer exists only while something waits.
 */
export class Reporter {
  readonly counters: ReporterCounters = { exported: 0, droppedTooLarge: 0, droppedUnsent: 0 };
  readonly #options: ReporterOptions;
  readonly #timers: Timers;
  #cancelFlush: (() => void) | null = null;
  readonly #flushDue = (): void => {
    this.#cancelFlush = null;
    this.flush();
  };

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#timers = options.timers ?? processTimers;
  }

  /** Takes a finished span over; the caller must not touch it again. */
  report(span: Span): void {
    const { batch, pool, logSpans, log } = this.#options;
    if (logSpans) log.info(`Reporting span ${formatJaeger(span.context)}`);
    if (!batch.add(span)) {
      this.flush();
      if (!batch.add(span)) this.counters.droppedTooLarge++;
    }
    pool.release(span);
    if (this.#cancelFlush === null && batch.count > 0) {
      this.#cancelFlush = this.#timers.after(this.#options.flushIntervalMs, this.#flushDue);
    }
  }

  /** Sends what waits, now. */
  flush(): void {
    const { batch, sender } = this.#options;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    if (batch.count === 0) return;
    if (sender.send(batch.message(), batch.count)) this.counters.exported += batch.count;
    else this.counters.droppedUnsent += batch.count;
    batch.clear();
  }

  /** Sends what waits and closes the sender, which gets `deadlineMs` to find its agent and as much to finish. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#options.batch.count > 0) await this.#options.sender.ready(deadlineMs);
    this.flush();
    await this.#options.sender.close(deadlineMs);
  }
}
