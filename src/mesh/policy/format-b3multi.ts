import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import {
  formatB3Id,
  formatB3TraceId,
  isB3Debug,
  readB3ParentId,
  readB3Sampled,
  readB3SpanId,
  readB3TraceId,
} from "../../trace/b3.ts";
import { DEBUG, FOREIGN, isValid, SAMPLED, type SpanContext } from "../../trace/context.ts";
import { Found } from "../../trace/propagation.ts";
import type { ContextFormat } from "./format.ts";
import { removeField, setField } from "./set-field.ts";

const TRACE_ID = new FieldName("x-b3-traceid");
const SPAN_ID = new FieldName("x-b3-spanid");
const PARENT_ID = new FieldName("x-b3-parentspanid");
const SAMPLED_FIELD = new FieldName("x-b3-sampled");
const FLAGS = new FieldName("x-b3-flags");
const TRACE_ID_LINE = new LinePrefix("X-B3-TraceId");
const SPAN_ID_LINE = new LinePrefix("X-B3-SpanId");
const PARENT_ID_LINE = new LinePrefix("X-B3-ParentSpanId");
const SAMPLED_LINE = new LinePrefix("X-B3-Sampled");
const FLAGS_LINE = new LinePrefix("X-B3-Flags");

/** The `X-B3-` headers. Of each the first counts. Debug implies a decision, so that no second one is said. */
export const b3MultiFormat: ContextFormat = {
  name: "b3multi",
  source: "b3",

  read(head: Head, into: SpanContext): Found {
    const trace = head.find(TRACE_ID);
    const flags = readDecision(head);
    if (trace < 0) {
      if (flags < 0) return flags === NO_DECISION ? Found.Nothing : Found.Malformed;
      decide(into, flags);
      return Found.Decision;
    }
    if (flags === BAD_DECISION || !readIds(head, trace, into)) return Found.Malformed;
    decide(into, flags);
    return flags < 0 ? Found.Deferred : Found.Context;
  },

  write(head: Head, edit: HeadEdit, context: SpanContext): void {
    const { spanHi, spanLo, parentHi, parentLo } = context;
    setField(head, edit, TRACE_ID, TRACE_ID_LINE, formatB3TraceId(context));
    setField(head, edit, SPAN_ID, SPAN_ID_LINE, formatB3Id(spanHi, spanLo));
    if ((parentHi | parentLo) === 0) removeField(head, edit, PARENT_ID);
    else setField(head, edit, PARENT_ID, PARENT_ID_LINE, formatB3Id(parentHi, parentLo));
    const debug = (context.flags & DEBUG) !== 0;
    if (debug) setField(head, edit, FLAGS, FLAGS_LINE, "1");
    else removeField(head, edit, FLAGS);
    if (debug) removeField(head, edit, SAMPLED_FIELD);
    else setField(head, edit, SAMPLED_FIELD, SAMPLED_LINE, context.sampled ? "1" : "0");
  },

  remove(head: Head, edit: HeadEdit): void {
    removeField(head, edit, TRACE_ID);
    removeField(head, edit, SPAN_ID);
    removeField(head, edit, PARENT_ID);
    removeField(head, edit, SAMPLED_FIELD);
    removeField(head, edit, FLAGS);
  },
};

const NO_DECISION = -1;
const BAD_DECISION = -2;

/** The flags that the head asks for, or one of the two above. */
function readDecision(head: Head): number {
  const debug = head.find(FLAGS);
  if (debug >= 0 && isB3Debug(head.buf, head.valueStart(debug), head.valueEnd(debug))) return SAMPLED | DEBUG;
  const sampled = head.find(SAMPLED_FIELD);
  if (sampled < 0) return NO_DECISION;
  const flags = readB3Sampled(head.buf, head.valueStart(sampled), head.valueEnd(sampled));
  return flags < 0 ? BAD_DECISION : flags;
}

function decide(into: SpanContext, flags: number): void {
  into.flags = Math.max(0, flags);
  into.traits = flags < 0 ? 0 : FOREIGN;
}

function readIds(head: Head, trace: number, into: SpanContext): boolean {
  const { buf } = head;
  if (!readB3TraceId(buf, head.valueStart(trace), head.valueEnd(trace), into)) return false;
  const span = head.find(SPAN_ID);
  if (span < 0 || !readB3SpanId(buf, head.valueStart(span), head.valueEnd(span), into)) return false;
  const parent = head.find(PARENT_ID);
  into.parentHi = 0;
  into.parentLo = 0;
  const parentValid = parent < 0 || readB3ParentId(buf, head.valueStart(parent), head.valueEnd(parent), into);
  return parentValid && isValid(into);
}
