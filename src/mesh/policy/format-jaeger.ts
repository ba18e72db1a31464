import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import type { SpanContext } from "../../trace/context.ts";
import { readJaeger, writeJaeger } from "../../trace/jaeger.ts";
import { Found } from "../../trace/propagation.ts";
import type { ContextFormat } from "./format.ts";
import { removeField, setWritten } from "./set-field.ts";

const UBER_TRACE_ID = new FieldName("uber-trace-id");
const UBER_TRACE_ID_LINE = new LinePrefix("uber-trace-id");

/** `uber-trace-id`. Of several the first valid one counts: 0.10 sent two. */
export const jaegerFormat: ContextFormat = {
  name: "jaeger",
  source: "uber",

  read(head: Head, into: SpanContext): Found {
    const first = head.find(UBER_TRACE_ID);
    for (let i = first; i >= 0; i = head.find(UBER_TRACE_ID, i + 1)) {
      if (readJaeger(head.buf, head.valueStart(i), head.valueEnd(i), into)) return Found.Context;
    }
    return first < 0 ? Found.Nothing : Found.Malformed;
  },

  write(head: Head, edit: HeadEdit, context: SpanContext): void {
    setWritten(head, edit, UBER_TRACE_ID, UBER_TRACE_ID_LINE, writeJaeger, context);
  },

  remove(head: Head, edit: HeadEdit): void {
    removeField(head, edit, UBER_TRACE_ID);
  },
};
