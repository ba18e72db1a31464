/**
 * The `uber-trace-id` header: `{trace}:{span}:{parent}:{flags}`, all hexadecimal.
 *
 * Reading follows jaeger-client-go 2.30 (span_context.go `ContextFromString`) and accepts colons in their
 * percent-encoded form, which several clients send. One leniency: flags may be one or two hexadecimal digits where Go
 * reads a decimal, because others write `0a`; for 0 to 9 both agree. Writing is Go 2.30's zero-padded form.
 */
import { isValid, type SpanContext } from "./context.ts";

const COLON = 0x3a;
const PERCENT = 0x25;

/** The longest form: 32 + 1 + 16 + 1 + 16 + 1 + 2. */
export const JAEGER_MAX_BYTES = 69;

/** ASCII code → nibble, 16 for anything that is not a hexadecimal digit. */
const NIBBLE = new Uint8Array(256).fill(16);
/** Byte → its two lower-case hexadecimal digits as ASCII codes. */
const HEX = new Uint8Array(512);
for (let value = 0; value < 256; value++) {
  const text = value.toString(16).padStart(2, "0");
  HEX[2 * value] = text.charCodeAt(0);
  HEX[2 * value + 1] = text.charCodeAt(1);
}
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  NIBBLE[digit.charCodeAt(0)] = value;
  NIBBLE[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The last id read by `readHex`: 128 bits, most significant word first. */
const id = new Int32Array(4);

/**
 * Reads a header value (without surrounding white space) into `into`. False when it is malformed, or well-formed but
 * no parent (trace or span id zero); `into` is then in no particular state.
 */
export function readJaeger(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  let at = readHex(buf, start, end, 32);
  if (at < 0) return false;
  into.traceHighHi = id[0]!;
  into.traceHighLo = id[1]!;
  into.traceLowHi = id[2]!;
  into.traceLowLo = id[3]!;
  at = readHex(buf, afterColon(buf, at, end), end, 16);
  if (at < 0) return false;
  into.spanHi = id[2]!;
  into.spanLo = id[3]!;
  at = readHex(buf, afterColon(buf, at, end), end, 16);
  if (at < 0) return false;
  into.parentHi = id[2]!;
  into.parentLo = id[3]!;
  if (readHex(buf, afterColon(buf, at, end), end, 2) !== end) return false;
  into.flags = id[3]!;
  return isValid(into);
}

/** Reads 1 to `max` hexadecimal digits into `id`; returns where they end, or -1. */
function readHex(buf: Uint8Array, start: number, end: number, max: number): number {
  if (start < 0) return -1;
  const limit = Math.min(end, start + max + 1);
  let at = start;
  let w0 = 0;
  let w1 = 0;
  let w2 = 0;
  let w3 = 0;
  for (; at < limit; at++) {
    const nibble = NIBBLE[buf[at]!]!;
    if (nibble === 16) break;
    w0 = (w0 << 4) | (w1 >>> 28);
    w1 = (w1 << 4) | (w2 >>> 28);
    w2 = (w2 << 4) | (w3 >>> 28);
    w3 = (w3 << 4) | nibble;
  }
  if (at === start || at - start > max) return -1;
  id[0] = w0;
  id[1] = w1;
  id[2] = w2;
  id[3] = w3;
  return at;
}

/** The position after `:` or `%3A` at `at`, or -1. */
function afterColon(buf: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  if (buf[at] === COLON) return at + 1;
  const escaped =
    at + 2 < end && buf[at] === PERCENT && buf[at + 1] === 0x33 && (buf[at + 2]! | 0x20) === 0x61;
  return escaped ? at + 3 : -1;
}

/** Writes the header value at `at` (up to `JAEGER_MAX_BYTES`) and returns where it ends. */
export function writeJaeger(context: SpanContext, buf: Uint8Array, at: number): number {
  let to = at;
  if ((context.traceHighHi | context.traceHighLo) !== 0) {
    to = writeWord(buf, to, context.traceHighHi);
    to = writeWord(buf, to, context.traceHighLo);
  }
  to = writeWord(buf, to, context.traceLowHi);
  to = writeWord(buf, to, context.traceLowLo);
  buf[to++] = COLON;
  to = writeWord(buf, to, context.spanHi);
  to = writeWord(buf, to, context.spanLo);
  buf[to++] = COLON;
  to = writeWord(buf, to, context.parentHi);
  to = writeWord(buf, to, context.parentLo);
  buf[to++] = COLON;
  const flags = context.flags & 255;
  if (flags > 15) buf[to++] = HEX[2 * flags]!;
  buf[to++] = HEX[2 * flags + 1]!;
  return to;
}

function writeWord(buf: Uint8Array, at: number, word: number): number {
  for (let i = 0; i < 4; i++) {
    const pair = ((word >>> (24 - 8 * i)) & 255) << 1;
    buf[at + 2 * i] = HEX[pair]!;
    buf[at + 2 * i + 1] = HEX[pair + 1]!;
  }
  return at + 8;
}

const scratch = Buffer.alloc(JAEGER_MAX_BYTES);

/** The header value as text. */
export function formatJaeger(context: SpanContext): string {
  return scratch.toString("latin1", 0, writeJaeger(context, scratch, 0));
}
