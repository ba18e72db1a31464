/**
 * The `uber-trace-id` header: `{trace}:{span}:{parent}:{flags}`, all hexadecimal.
 *
 * Reading follows jaeger-client-go 2.30 (span_context.go `ContextFromString`) and accepts colons in their
 * percent-encoded form, which several clients send. One leniency: flags may be one or two hexadecimal digits where Go
 * reads a decimal, because others write `0a`; for 0 to 9 both agree. Writing is Go 2.30's zero-padded form.
 */
import { isValid, type SpanContext } from "./context.ts";
import { ANY_CASE, hexWords, PAIRS, readHex, writeId, writeTraceId } from "./hex.ts";

const COLON = 0x3a;
const PERCENT = 0x25;

/** The longest form: 32 + 1 + 16 + 1 + 16 + 1 + 2. */
export const JAEGER_MAX_BYTES = 69;

/**
 * Reads a header value (without surrounding white space) into `into`. False when it is malformed, or well-formed but
 * no parent (trace or span id zero); `into` is then in no particular state.
 */
export function readJaeger(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  let at = readHex(buf, start, end, 32, ANY_CASE);
  if (at < 0) return false;
  into.traceHighHi = hexWords[0]!;
  into.traceHighLo = hexWords[1]!;
  into.traceLowHi = hexWords[2]!;
  into.traceLowLo = hexWords[3]!;
  at = readHex(buf, afterColon(buf, at, end), end, 16, ANY_CASE);
  if (at < 0) return false;
  into.spanHi = hexWords[2]!;
  into.spanLo = hexWords[3]!;
  at = readHex(buf, afterColon(buf, at, end), end, 16, ANY_CASE);
  if (at < 0) return false;
  into.parentHi = hexWords[2]!;
  into.parentLo = hexWords[3]!;
  if (readHex(buf, afterColon(buf, at, end), end, 2, ANY_CASE) !== end) return false;
  into.flags = hexWords[3]!;
  into.traits = 0;
  return isValid(into);
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
  let to = writeTraceId(buf, at, context);
  buf[to++] = COLON;
  to = writeId(buf, to, context.spanHi, context.spanLo);
  buf[to++] = COLON;
  to = writeId(buf, to, context.parentHi, context.parentLo);
  buf[to++] = COLON;
  const flags = context.flags & 255;
  if (flags > 15) buf[to++] = PAIRS[2 * flags]!;
  buf[to++] = PAIRS[2 * flags + 1]!;
  return to;
}

const scratch = Buffer.alloc(JAEGER_MAX_BYTES);

/** The header value as text. */
export function formatJaeger(context: SpanContext): string {
  return scratch.toString("latin1", 0, writeJaeger(context, scratch, 0));
}
