import type { SpanContext } from "./context.ts";
import { Span } from "./span.ts";

/** Spans being recorded at the same time, about 1 KiB each. */
const MAX_IN_USE = 8192;

/** Spans waiting to be recorded again, and a bound for those in use: peers decide how many exchanges are in flight. */
export class SpanPool {
  readonly #idle: Span[] = [];
  readonly #max: number;
  readonly #maxInUse: number;
  #inUse = 0;
  /** Spans that were not recorded because too many were. */
  refused = 0;

  /** Keeps at most `max` idle spans, about 1 KiB each. */
  constructor(max = 1024, maxInUse = MAX_IN_USE) {
    this.#max = max;
    this.#maxInUse = maxInUse;
  }

  /** True, and counted, if no further span should be taken. */
  refuses(): boolean {
    if (this.#inUse < this.#maxInUse) return false;
    this.refused++;
    return true;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** A span that has begun: see `Span.start`. It is the caller's until `release`, which is done by `Reporter.report`. */
  take(context: SpanContext, parent: SpanContext | null, startAtUs: number): Span {
    const span = this.#idle.pop() ?? new Span();
    this.#inUse++;
    span.start(context, parent, startAtUs);
    return span;
  }

  /** Takes back a span that nobody will touch again. */
  release(span: Span): void {
    this.#inUse--;
    if (this.#idle.length >= this.#max) return;
    span.rest();
    this.#idle.push(span);
  }
}
