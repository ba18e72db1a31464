import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import type { SpanContext } from "../../trace/context.ts";
import { Found } from "../../trace/propagation.ts";
import { readTraceparent, writeTraceparent } from "../../trace/w3c.ts";
import type { ContextFormat } from "./format.ts";
import { removeField, setWritten } from "./set-field.ts";

const TRACEPARENT = new FieldName("traceparent");
const TRACEPARENT_LINE = new LinePrefix("traceparent");
const TRACESTATE = new FieldName("tracestate");

/**
 * `traceparent` and `tracestate` (W3C Trace Context section 3). More than one traceparent is none. The state of a trace
 * passes as it came, however many fields it has, and goes when its traceparent does not count.
 */
export const w3cFormat: ContextFormat = {
  name: "tracecontext",
  source: "traceparent",

  read(head: Head, into: SpanContext): Found {
    const i = head.find(TRACEPARENT);
    if (i < 0) return Found.Nothing;
    if (head.find(TRACEPARENT, i + 1) >= 0) return Found.Malformed;
    const valid = readTraceparent(head.buf, head.valueStart(i), head.valueEnd(i), into);
    return valid ? Found.Context : Found.Malformed;
  },

  write(head: Head, edit: HeadEdit, context: SpanContext, continued: boolean): void {
    setWritten(head, edit, TRACEPARENT, TRACEPARENT_LINE, writeTraceparent, context);
    if (!continued) removeField(head, edit, TRACESTATE);
  },

  remove(head: Head, edit: HeadEdit): void {
    removeField(head, edit, TRACEPARENT);
    removeField(head, edit, TRACESTATE);
  },
};
