import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import { formatB3, readB3 } from "../../trace/b3.ts";
import type { SpanContext } from "../../trace/context.ts";
import { Found } from "../../trace/propagation.ts";
import type { ContextFormat } from "./format.ts";
import { removeField, setField } from "./set-field.ts";

const B3 = new FieldName("b3");
const B3_LINE = new LinePrefix("b3");

/** `b3`, the single header. Of several the first that is well-formed counts. */
export const b3Format: ContextFormat = {
  name: "b3",
  source: "b3",

  read(head: Head, into: SpanContext): Found {
    let found: Found = Found.Nothing;
    for (let i = head.find(B3); i >= 0 && found <= Found.Malformed; i = head.find(B3, i + 1)) {
      found = readB3(head.buf, head.valueStart(i), head.valueEnd(i), into);
    }
    return found;
  },

  write(head: Head, edit: HeadEdit, context: SpanContext): void {
    setField(head, edit, B3, B3_LINE, formatB3(context));
  },

  remove(head: Head, edit: HeadEdit): void {
    removeField(head, edit, B3);
  },
};
