/**
 * B3 propagation (openzipkin/b3-propagation), both encodings:
 *
 *   b3: {trace}-{span}[-{state}[-{parent}]]     or only {state}: 1 accepted, 0 denied, d debug
 *   X-B3-TraceId, X-B3-SpanId, X-B3-ParentSpanId, X-B3-Sampled, X-B3-Flags
 *
 * A trace id has 16 or 32 digits, the other ids have 16. Without a state the decision is left to the receiver. Hexadecimal
 * digits are read in either case: nothing is gained by breaking the trace of somebody who writes capitals.
 */
import { DEBUG, FOREIGN, isValid, SAMPLED, type SpanContext } from "./context.ts";
import { ANY_CASE, hexWords, readHex, writeId, writeTraceId } from "./hex.ts";
import { Found } from "./propagation.ts";

const DASH = 0x2d;
const ZERO = 0x30;
const ONE = 0x31;
const LETTER_D = 0x64;
const TRACE_DIGITS = 32;
const SHORT_TRACE_DIGITS = 16;
const SPAN_DIGITS = 16;

/** 32 + 1 + 16 + 1 + 1 + 1 + 16. */
export const B3_MAX_BYTES = 68;

/**
 * Reads the value of `b3` (without surrounding white space) into `into`: with `Found.Context` all of it counts, with
 * `Deferred` its flags are open, with `Decision` there is nothing but flags, else it is in no particular state.
 */
export function readB3(buf: Uint8Array, start: number, end: number, into: SpanContext): Found {
  if (end - start === 1) return readState(buf, start, into) ? Found.Decision : Found.Malformed;
  const trace = readHex(buf, start, end, TRACE_DIGITS, ANY_CASE);
  if (!keepTraceId(trace - start, into) || trace === end || buf[trace] !== DASH) return Found.Malformed;
  const span = trace + 1 + SPAN_DIGITS;
  if (span > end || !readB3SpanId(buf, trace + 1, span, into) || !isValid(into)) return Found.Malformed;
  into.parentHi = 0;
  into.parentLo = 0;
  into.flags = 0;
  into.traits = 0;
  if (span === end) return Found.Deferred;
  return readRest(buf, span, end, into) ? Found.Context : Found.Malformed;
}

/** `-{state}` or `-{state}-{parent}`. */
function readRest(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  if (buf[start] !== DASH || end < start + 2 || !readState(buf, start + 1, into)) return false;
  const at = start + 2;
  return at === end || (buf[at] === DASH && readB3ParentId(buf, at + 1, end, into));
}

function readState(buf: Uint8Array, at: number, into: SpanContext): boolean {
  const state = buf[at];
  into.traits = FOREIGN;
  into.flags = state === LETTER_D ? SAMPLED | DEBUG : state === ONE ? SAMPLED : 0;
  return state === ZERO || into.flags !== 0;
}

/** Reads the whole value as a trace id into `into`. False if it is none. */
export function readB3TraceId(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  return readHex(buf, start, end, TRACE_DIGITS, ANY_CASE) === end && keepTraceId(end - start, into);
}

function keepTraceId(digits: number, into: SpanContext): boolean {
  if (digits !== TRACE_DIGITS && digits !== SHORT_TRACE_DIGITS) return false;
  into.traceHighHi = hexWords[0]!;
  into.traceHighLo = hexWords[1]!;
  into.traceLowHi = hexWords[2]!;
  into.traceLowLo = hexWords[3]!;
  return true;
}

/** Reads the whole value as a span id into `into`. False if it is none. */
export function readB3SpanId(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  if (!readSpanDigits(buf, start, end)) return false;
  into.spanHi = hexWords[2]!;
  into.spanLo = hexWords[3]!;
  return true;
}

/** Reads the whole value as the id of the parent into `into`. False if it is none. */
export function readB3ParentId(buf: Uint8Array, start: number, end: number, into: SpanContext): boolean {
  if (!readSpanDigits(buf, start, end)) return false;
  into.parentHi = hexWords[2]!;
  into.parentLo = hexWords[3]!;
  return true;
}

function readSpanDigits(buf: Uint8Array, start: number, end: number): boolean {
  return end - start === SPAN_DIGITS && readHex(buf, start, end, SPAN_DIGITS, ANY_CASE) === end;
}

const TRUE = new Uint8Array(Buffer.from("true"));
const FALSE = new Uint8Array(Buffer.from("false"));

/** The flags that a value of `X-B3-Sampled` stands for (`true` and `false` are of old tracers), or -1 if it is none. */
export function readB3Sampled(buf: Uint8Array, start: number, end: number): number {
  if (end - start === 1) return buf[start] === ONE ? SAMPLED : buf[start] === ZERO ? 0 : -1;
  if (equals(buf, start, end, TRUE)) return SAMPLED;
  return equals(buf, start, end, FALSE) ? 0 : -1;
}

/** True if a value of `X-B3-Flags` asks for debug; every other value means nothing. */
export function isB3Debug(buf: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && buf[start] === ONE;
}

function equals(buf: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (buf[start + i] !== text[i]) return false;
  return true;
}

/** Writes the value of `b3` at `at` (up to `B3_MAX_BYTES`) and returns where it ends. */
export function writeB3(context: SpanContext, buf: Uint8Array, at: number): number {
  let to = writeTraceId(buf, at, context);
  buf[to++] = DASH;
  to = writeId(buf, to, context.spanHi, context.spanLo);
  buf[to++] = DASH;
  buf[to++] = context.flags & DEBUG ? LETTER_D : context.sampled ? ONE : ZERO;
  if ((context.parentHi | context.parentLo) === 0) return to;
  buf[to++] = DASH;
  return writeId(buf, to, context.parentHi, context.parentLo);
}

const scratch = Buffer.alloc(B3_MAX_BYTES);

/** The value of `b3` as text. */
export function formatB3(context: SpanContext): string {
  return scratch.toString("latin1", 0, writeB3(context, scratch, 0));
}

/** The value of `X-B3-TraceId` as text. */
export function formatB3TraceId(context: SpanContext): string {
  return scratch.toString("latin1", 0, writeTraceId(scratch, 0, context));
}

/** The value of `X-B3-SpanId` or, with the parent's halves, of `X-B3-ParentSpanId` as text. */
export function formatB3Id(hi: number, lo: number): string {
  return scratch.toString("latin1", 0, writeId(scratch, 0, hi, lo));
}
