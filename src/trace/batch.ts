import type { Span } from "./span.ts";

/** Spans encoded one after the other into one message. */
export interface Batch {
  /** Spans in it. */
  readonly count: number;
  /** Encodes the span at once. False, with the batch as before, when it does not fit. */
  add(span: Span): boolean;
  /** The whole message with every span added so far: a view that the next `add` or `clear` invalidates. */
  message(): Uint8Array;
  /** Empties it. */
  clear(): void;
}
