/**
 * Hexadecimal ids in received bytes: read into 32-bit halves, written back zero-padded. Nothing here allocates. `src/http1`
 * has tables of its own, because neither side may know the other.
 */
import type { SpanContext } from "./context.ts";

/** Marks a byte that is no digit in the tables below. */
const NO_DIGIT = 16;

/** Byte → value of the hexadecimal digit in either case. */
export const ANY_CASE = new Uint8Array(256).fill(NO_DIGIT);
/** Byte → value of the hexadecimal digit in lower case. */
export const LOWER_CASE = new Uint8Array(256).fill(NO_DIGIT);
/** Byte → its two lower-case digits as ASCII codes. */
export const PAIRS = new Uint8Array(512);
// Not a loop of the module itself: see test/top-level.test.ts.
fillTables();

function fillTables(): void {
  for (let value = 0; value < 256; value++) {
    const text = value.toString(16).padStart(2, "0");
    PAIRS[2 * value] = text.charCodeAt(0);
    PAIRS[2 * value + 1] = text.charCodeAt(1);
  }
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    LOWER_CASE[digit.charCodeAt(0)] = value;
    ANY_CASE[digit.charCodeAt(0)] = value;
    ANY_CASE[digit.toUpperCase().charCodeAt(0)] = value;
  }
}

/** The last number read by `readHex`: 128 bits, most significant word first. */
export const hexWords = new Int32Array(4);

/**
 * Reads 1 to `max` (at most 32) digits of `digits` from `buf[start, end)` into `hexWords` and returns where they end; -1
 * if there are none or more. A negative `start` gives -1, so that steps can be chained.
 */
export function readHex(
  buf: Uint8Array,
  start: number,
  end: number,
  max: number,
  digits: Uint8Array,
): number {
  if (start < 0) return -1;
  const limit = Math.min(end, start + max + 1);
  let at = start;
  while (at < limit && digits[buf[at]!]! !== NO_DIGIT) at++;
  if (at === start || at - start > max) return -1;
  hexWords[3] = readWord(buf, start, at);
  hexWords[2] = readWord(buf, start, at - 8);
  hexWords[1] = max > 16 ? readWord(buf, start, at - 16) : 0;
  hexWords[0] = max > 16 ? readWord(buf, start, at - 24) : 0;
  return at;
}

/** The last eight digits, or what there is, of `buf[start, end)`. */
function readWord(buf: Uint8Array, start: number, end: number): number {
  let word = 0;
  for (let i = Math.max(start, end - 8); i < end; i++) word = (word << 4) | ANY_CASE[buf[i]!]!;
  return word;
}

/** Writes the sixteen digits of a 64-bit id, given by its halves, at `at` and returns where they end. */
export function writeId(buf: Uint8Array, at: number, hi: number, lo: number): number {
  return writeWord(buf, writeWord(buf, at, hi), lo);
}

/** Writes a trace id in its shorter form: 16 digits if it has 64 bits, else 32. */
export function writeTraceId(buf: Uint8Array, at: number, context: SpanContext): number {
  const { traceHighHi, traceHighLo, traceLowHi, traceLowLo } = context;
  const low = (traceHighHi | traceHighLo) === 0 ? at : writeId(buf, at, traceHighHi, traceHighLo);
  return writeId(buf, low, traceLowHi, traceLowLo);
}

function writeWord(buf: Uint8Array, at: number, word: number): number {
  for (let i = 0; i < 4; i++) {
    const pair = ((word >>> (24 - 8 * i)) & 255) << 1;
    buf[at + 2 * i] = PAIRS[pair]!;
    buf[at + 2 * i + 1] = PAIRS[pair + 1]!;
  }
  return at + 8;
}
