import type { SpanContext } from "./context.ts";
import { Span } from "./span.ts";

/**
 * Spans waiting to be recorded again. The pool bounds what it keeps, not what is in use: that is bounded by the
 * exchanges in flight.
 */
export class SpanPool {
  readonly #idle: Span[] = [];
  readonly #max: number;

  /** Keeps at most `max` idle spans, about 2 KiB each. */
  constructor(max = 1024) {
    this.#max = max;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** A span that has begun: see `Span.start`. It is the caller's until `release`, which is done by `Reporter.report`. */
  take(context: SpanContext, parent: SpanContext | null, startAtUs: number): Span {
    const span = this.#idle.pop() ?? new Span();
    span.start(context, parent, startAtUs);
    return span;
  }

  /** Takes back a span that nobody will touch again. */
  release(span: Span): void {
    if (this.#idle.length >= this.#max) return;
    span.shrink();
    this.#idle.push(span);
  }
}
