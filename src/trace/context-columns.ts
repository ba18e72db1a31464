import type { SpanContext } from "./context.ts";

const FIELDS = 10;

/**
 * Span contexts by slot number, in one typed array: a hundred thousand of them are one object to the garbage
 * collector, and writing one makes no garbage.
 */
export class ContextColumns {
  #words: Int32Array;

  constructor(slots: number) {
    this.#words = new Int32Array(slots * FIELDS);
  }

  /** Makes room for `slots`, keeping what is there. */
  grow(slots: number): void {
    const grown = new Int32Array(slots * FIELDS);
    grown.set(this.#words);
    this.#words = grown;
  }

  write(slot: number, from: SpanContext): void {
    const words = this.#words;
    const at = slot * FIELDS;
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

  read(slot: number, into: SpanContext): void {
    const words = this.#words;
    const at = slot * FIELDS;
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
}
