import type { HeadEdit, LinePrefix } from "../../http1/edit.ts";
import type { FieldName, Head } from "../../http1/head.ts";

/** Exactly one field of that name with that value: the first is replaced in place, others go, none is appended. */
export function setField(head: Head, edit: HeadEdit, name: FieldName, line: LinePrefix, value: string): void {
  const first = head.find(name);
  if (first < 0) {
    edit.append(line, value);
    return;
  }
  edit.replaceValue(first, value);
  removeField(head, edit, name, first + 1);
}

/** No field of that name at or after index `from`. */
export function removeField(head: Head, edit: HeadEdit, name: FieldName, from = 0): void {
  for (let i = head.find(name, from); i >= 0; i = head.find(name, i + 1)) edit.removeLine(i);
}
