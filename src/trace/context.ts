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
  }
}

/** True when both the trace id and the span id are there; nothing else can be a parent. */
export function isValid(context: SpanContext): boolean {
  const trace = context.traceHighHi | context.traceHighLo | context.traceLowHi | context.traceLowLo;
  return trace !== 0 && (context.spanHi | context.spanLo) !== 0;
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
