import type { SpanContext } from "./context.ts";

/** 32-bit words of a span context. */
export const CONTEXT_WORDS = 10;

/**
 * Span contexts by slot number, in one typed array: a hundred thousand of them are one object to the garbage
 * collector, and writing one makes no garbage.
 */
export class ContextColumns {
  #words: Int32Array;

  constructor(slots: number) {
    this.#words = new Int32Array(slots * CONTEXT_WORDS);
  }

  /** Makes room for `slots`, keeping what is there. */
  grow(slots: number): void {
    const grown = new Int32Array(slots * CONTEXT_WORDS);
    grown.set(this.#words);
    this.#words = grown;
  }

  write(slot: number, from: SpanContext): void {
    writeContext(this.#words, slot * CONTEXT_WORDS, from);
  }

  read(slot: number, into: SpanContext): void {
    readContext(this.#words, slot * CONTEXT_WORDS, into);
  }
}

/** Writes a context as `CONTEXT_WORDS` words from `at` on. */
export function writeContext(words: Int32Array, at: number, from: SpanContext): void {
  words[at] = from.traceHighHi;
  words[at + 1] = from.traceHighLo;
  words[at + 2] = from.traceLowHi;
  words[at + 3] = from.traceLowLo;
  words[at + 4] = from.spanHi;
  words[at + 5] = from.spanLo;
  words[at + 6] = from.parentHi;
  words[at + 7] = from.parentLo;
  words[at + 8] = from.flags;
  words[at + 9] = from.traits;
}

/** Reads what `writeContext` wrote. */
export function readContext(words: Int32Array, at: number, into: SpanContext): void {
  into.traceHighHi = words[at]!;
  into.traceHighLo = words[at + 1]!;
  into.traceLowHi = words[at + 2]!;
  into.traceLowLo = words[at + 3]!;
  into.spanHi = words[at + 4]!;
  into.spanLo = words[at + 5]!;
  into.parentHi = words[at + 6]!;
  into.parentLo = words[at + 7]!;
  into.flags = words[at + 8]!;
  into.traits = words[at + 9]!;
}
