/**
 * The `traceparent` header of W3C Trace Context level 2: `{version}-{trace}-{span}-{flags}`, all lower-case hexadecimal
 * of fixed length. Versions above 00 are read as far as 00 goes (section 4.3, "Versioning of traceparent").
 */
import { FOREIGN, isValid, RANDOM, SAMPLED, type SpanContext } from "./context.ts";
import { hexWords, LOWER_CASE, PAIRS, readHex, writeId } from "./hex.ts";

const DASH = 0x2d;
/** 2 + 1 + 32 + 1 + 16 + 1 + 2. */
export const TRACEPARENT_BYTES = 55;
const FORBIDDEN_VERSION = 0xff;
/** Flag bits on the wire. */
const W3C_SAMPLED = 1;
const W3C_RANDOM = 2;

/**
 * Reads a header value (without surrounding white space) into `into`. False when it is malformed or no parent (trace or
 * span id zero); `into` is then in no particular state.
 */
export function readTraceparent(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  const behind = start + TRACEPARENT_BYTES;
  if (end < behind || !readExactly(buf, start, 2)) return false;
  const version = hexWords[3]!;
  if (version === FORBIDDEN_VERSION || (end > behind && (version === 0 || buf[behind] !== DASH)))
    return false;
  if (buf[start + 2] !== DASH || !readExactly(buf, start + 3, 32)) return false;
  into.traceHighHi = hexWords[0]!;
  into.traceHighLo = hexWords[1]!;
  into.traceLowHi = hexWords[2]!;
  into.traceLowLo = hexWords[3]!;
  if (buf[start + 35] !== DASH || !readExactly(buf, start + 36, 16)) return false;
  into.spanHi = hexWords[2]!;
  into.spanLo = hexWords[3]!;
  if (buf[start + 52] !== DASH || !readExactly(buf, start + 53, 2)) return false;
  const flags = hexWords[3]!;
  into.parentHi = 0;
  into.parentLo = 0;
  into.flags = flags & W3C_SAMPLED ? SAMPLED : 0;
  into.traits = flags & W3C_RANDOM ? FOREIGN | RANDOM : FOREIGN;
  return isValid(into);
}

function readExactly(buf: Uint8Array, start: number, count: number): boolean {
  return readHex(buf, start, start + count, count, LOWER_CASE) === start + count;
}

/**
 * Writes the header value at `at` (`TRACEPARENT_BYTES`) and returns where it ends. A 64-bit trace id is padded with
 * zeros on the left; debug has no form here.
 */
export function writeTraceparent(context: SpanContext, buf: Uint8Array, at: number): number {
  let to = writePair(buf, at, 0);
  buf[to++] = DASH;
  to = writeId(buf, to, context.traceHighHi, context.traceHighLo);
  to = writeId(buf, to, context.traceLowHi, context.traceLowLo);
  buf[to++] = DASH;
  to = writeId(buf, to, context.spanHi, context.spanLo);
  buf[to++] = DASH;
  const random = context.traits & RANDOM ? W3C_RANDOM : 0;
  return writePair(buf, to, context.sampled ? W3C_SAMPLED | random : random);
}

function writePair(buf: Uint8Array, at: number, value: number): number {
  buf[at] = PAIRS[2 * value]!;
  buf[at + 1] = PAIRS[2 * value + 1]!;
  return at + 2;
}
