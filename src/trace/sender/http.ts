import { LineLimit } from "../../log/line-limit.ts";
import type { Log } from "../../log.ts";
import { processTimers, type Timers } from "../timers.ts";
import { type Answer, createPost, type HttpDestination, type Post } from "./http-post.ts";
import { BatchQueue, type QueuedBatch, type QueueLimits } from "./http-queue.ts";
import { backOffMs, judge, type Verdict } from "./http-verdict.ts";
import type { Sender } from "./sender.ts";

/** Spans that a collector left out of a batch that it took otherwise, and why. */
export interface Rejection {
  readonly spans: number;
  readonly why: string;
}

export interface HttpSenderOptions {
  readonly destination: HttpDestination;
  readonly limits: QueueLimits;
  readonly log: Log;
  /** Understands the body of a good answer; null means that all spans were taken. */
  readonly readRejection?: (body: Uint8Array) => Rejection | null;
  readonly post?: Post;
  readonly timers?: Timers;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Spans since the start, by what became of them. */
export interface HttpCounters {
  /** Taken by the collector. */
  sent: number;
  /** Came while as much waited as may wait. */
  droppedQueueFull: number;
  /** No connection, or no answer in time. */
  droppedUnreachable: number;
  /** Answered with an error. */
  droppedRefused: number;
  /** Left out by the collector of a batch that it took otherwise. */
  droppedRejected: number;
  /** Still waiting at the end, or come later. */
  droppedAtClose: number;
}

const REPETITIONS_MAX = 5;
const DROPPED = { unreachable: "droppedUnreachable", refused: "droppedRefused" } as const;

/**
 * Batches to a collector over HTTP, one after the other. While one is on its way, or the collector is not to be asked
 * yet, the others wait in a bounded queue; a full queue loses the newest.
 */
export class HttpSender implements Sender {
  readonly counters: HttpCounters = {
    sent: 0,
    droppedQueueFull: 0,
    droppedUnreachable: 0,
    droppedRefused: 0,
    droppedRejected: 0,
    droppedAtClose: 0,
  };
  readonly #options: HttpSenderOptions;
  readonly #post: Post;
  readonly #timers: Timers;
  readonly #queue: BatchQueue;
  readonly #lines: LineLimit;
  /** What is written when nothing secret may be: user, password and query are left out. */
  readonly #shown: string;
  #posting: AbortController | null = null;
  #cancelWait: (() => void) | null = null;
  /** In a row, of those after which the collector may be asked again. */
  #failures = 0;
  /** Set when closing: no batch is tried twice any more. */
  #emptied: (() => void) | null = null;

  constructor(options: HttpSenderOptions) {
    const { origin, pathname } = new URL(options.destination.url);
    this.#shown = `${options.destination.name} ${origin}${pathname} (HTTP)`;
    this.#options = options;
    this.#timers = options.timers ?? processTimers;
    this.#post = options.post ?? createPost(this.#timers);
    this.#queue = new BatchQueue(options.limits);
    this.#lines = new LineLimit(options.log, options.nowMs ?? (() => performance.now()));
  }

  /** Spans and bytes that wait or are on their way. */
  get waiting(): { readonly spans: number; readonly bytes: number } {
    return { spans: this.#queue.spans, bytes: this.#queue.bytes };
  }

  send(batch: Uint8Array, spans: number): boolean {
    if (this.#emptied !== null) {
      this.counters.droppedAtClose += spans;
      return false;
    }
    if (!this.#queue.hasRoomFor(spans) || !this.#queue.push({ body: this.#pack(batch), spans })) {
      this.counters.droppedQueueFull += spans;
      this.#complain("Spans are lost", "more come than it takes");
      return false;
    }
    this.#next();
    return true;
  }

  /** There is nothing to wait for: what comes early waits in the queue. */
  async ready(): Promise<void> {}

  /** Sends what waits, each batch once more at most, and gives up what is left after `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    const cancelDeadline = this.#timers.after(deadlineMs, resolve);
    this.#cancelWait?.();
    this.#cancelWait = null;
    this.#next();
    await promise;
    cancelDeadline();
    this.counters.droppedAtClose += this.#queue.clear();
    this.#posting?.abort();
  }

  /** The batch is only lent: this is a copy. */
  #pack(batch: Uint8Array): Uint8Array {
    const copy = new Uint8Array(batch);
    return this.#options.destination.gzip ? Bun.gzipSync(copy, { level: 1 }) : copy;
  }

  #next(): void {
    if (this.#posting !== null || this.#cancelWait !== null) return;
    const batch = this.#queue.first;
    if (batch === undefined) this.#emptied?.();
    else void this.#deliver(batch);
  }

  async #deliver(batch: QueuedBatch): Promise<void> {
    this.#posting = new AbortController();
    const result = await this.#post(this.#options.destination, batch.body, this.#posting);
    this.#posting = null;
    // By now `close` may have given it up.
    if (this.#queue.first !== batch) return;
    const verdict = judge(result, Date.now());
    if (verdict.kind === "failed") this.#failed(batch, verdict);
    else this.#delivered(batch, result as Answer);
    this.#next();
  }

  #delivered({ spans }: QueuedBatch, { body }: Answer): void {
    const { log, readRejection } = this.#options;
    const rejection = readRejection?.(body) ?? null;
    const rejected = Math.min(spans, rejection?.spans ?? 0);
    if (this.counters.sent === 0) log.info(`Spans go to ${this.#shown}`);
    if (rejection !== null) this.#complain(`${rejected} spans were left out`, rejection.why);
    this.counters.sent += spans - rejected;
    this.counters.droppedRejected += rejected;
    this.#failures = 0;
    this.#queue.shift();
  }

  /** While the collector stays away, every batch but the first is tried once, at the longest interval. */
  #failed({ spans }: QueuedBatch, { reason, why, again, waitMs }: Verdict & { kind: "failed" }): void {
    const wait = again && this.#emptied === null;
    this.#failures = wait ? this.#failures + 1 : 0;
    if (wait && this.#failures <= REPETITIONS_MAX) {
      this.#complain("Spans have to wait", why);
    } else {
      this.#complain("Spans are lost", why);
      this.counters[DROPPED[reason]] += spans;
      this.#queue.shift();
    }
    if (wait) this.#wait(Math.max(waitMs, backOffMs(this.#failures, this.#random())));
  }

  #wait(ms: number): void {
    this.#cancelWait = this.#timers.after(ms, () => {
      this.#cancelWait = null;
      this.#next();
    });
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }

  #complain(what: string, why: string): void {
    this.#lines.warn(`${what}: ${this.#shown}: ${why}`);
  }
}
