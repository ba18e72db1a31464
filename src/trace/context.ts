/**
 * What a span is called by others: its ids and flags.
 *
 * Every 64-bit id is kept as two 32-bit halves, because a JavaScript number cannot hold it and a BigInt is garbage.
 * A half is a bit pattern, stored as a signed 32-bit integer (the engine's cheapest number): compare halves with each
 * other or with 0, print them after `>>> 0`.
 */
import type { IdSource } from "./ids.ts";

/** Flag bits of a context (jaeger-idl, jaeger.thrift `Span.flags`). */
export const SAMPLED = 1;
export const DEBUG = 2;

/** Bits of `traits`. The trace id is random where it matters (W3C Trace Context level 2, section 3.2.2.5). */
export const RANDOM = 1;
/**
 * The trace is known outside Jaeger's own format: its applications decide with us. What is not known there stays
 * unsampled in silence, because a decision against a trace would switch off the applications' own tracing.
 */
export const FOREIGN = 2;

export class SpanContext {
  /** The upper 64 bits of a 128-bit trace id, zero for a 64-bit one. */
  traceHighHi = 0;
  traceHighLo = 0;
  traceLowHi = 0;
  traceLowLo = 0;
  spanHi = 0;
  spanLo = 0;
  /** The id of the span that caused this one; zero for a root. Informational: the reference is what counts. */
  parentHi = 0;
  parentLo = 0;
  flags = 0;
  /** What concerns the whole trace and has no place in Jaeger's flags: RANDOM, FOREIGN. Inherited by children. */
  traits = 0;

  get sampled(): boolean {
    return (this.flags & SAMPLED) !== 0;
  }

  /** Takes every field of `other`. */
  copy(other: SpanContext): void {
    this.traceHighHi = other.traceHighHi;
    this.traceHighLo = other.traceHighLo;
    this.traceLowHi = other.traceLowHi;
    this.traceLowLo = other.traceLowLo;
    this.spanHi = other.spanHi;
    this.spanLo = other.spanLo;
    this.parentHi = other.parentHi;
    this.parentLo = other.parentLo;
    this.flags = other.flags;
    this.traits = other.traits;
  }
}

/** True when both the trace id and the span id are there; nothing else can be a parent. */
export function isValid(context: SpanContext): boolean {
  const trace = context.traceHighHi | context.traceHighLo | context.traceLowHi | context.traceLowLo;
  return trace !== 0 && (context.spanHi | context.spanLo) !== 0;
}

/** True when both belong to one trace. A 64-bit id is the 128-bit id with zeros in front of it. */
export function isSameTrace(a: SpanContext, b: SpanContext): boolean {
  return (
    a.traceLowLo === b.traceLowLo &&
    a.traceLowHi === b.traceLowHi &&
    a.traceHighLo === b.traceHighLo &&
    a.traceHighHi === b.traceHighHi
  );
}

/** True when others than Jaeger's clients may be told of the trace unasked: see `FOREIGN`. */
export function isShareable(context: SpanContext): boolean {
  return context.sampled || (context.traits & FOREIGN) !== 0;
}

/** True when both name the same span, in whatever trace. */
export function isSameSpan(a: SpanContext, b: SpanContext): boolean {
  return a.spanLo === b.spanLo && a.spanHi === b.spanHi;
}

/**
 * Makes `into` the context of a new trace and returns it. The root's span id is the low half of its trace id, as in
 * jaeger-client-go (tracer.go `startSpanWithOptions`). `wide` draws a 128-bit trace id. `flags` start as given.
 */
export function newRoot(into: SpanContext, ids: IdSource, wide: boolean, flags: number): SpanContext {
  drawSpanId(into, ids);
  into.traceHighHi = wide ? ids.word() : 0;
  into.traceHighLo = wide ? ids.word() : 0;
  into.traceLowHi = into.spanHi;
  into.traceLowLo = into.spanLo;
  into.parentHi = 0;
  into.parentLo = 0;
  into.flags = flags;
  into.traits = RANDOM;
  return into;
}

/** Makes `into` the context of a child of `parent` and returns it: same trace, same flags, a new span id. */
export function childOf(into: SpanContext, parent: SpanContext, ids: IdSource): SpanContext {
  const { spanHi, spanLo } = parent;
  into.copy(parent);
  drawSpanId(into, ids);
  into.parentHi = spanHi;
  into.parentLo = spanLo;
  return into;
}

function drawSpanId(into: SpanContext, ids: IdSource): void {
  do {
    into.spanHi = ids.word();
    into.spanLo = ids.word();
  } while ((into.spanHi | into.spanLo) === 0);
}
