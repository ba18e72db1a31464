import { type HeadEdit, type LinePrefix, MAX_WRITTEN_BYTES, type ValueWriter } from "../../http1/edit.ts";
import { type FieldName, type Head, latin1 } from "../../http1/head.ts";

const scratch = Buffer.alloc(MAX_WRITTEN_BYTES);

/** Exactly one field of that name with that value: the first is replaced in place, others go, none is appended. */
export function setField(head: Head, edit: HeadEdit, name: FieldName, line: LinePrefix, value: string): void {
  const first = head.find(name);
  if (first < 0) edit.append(line, value);
  else replaceField(head, edit, name, first, value);
}

/** The same with the value that `write` writes, which becomes text only where one has to be replaced. */
export function setWritten<T>(
  head: Head,
  edit: HeadEdit,
  name: FieldName,
  line: LinePrefix,
  write: ValueWriter<T>,
  what: T,
): void {
  const first = head.find(name);
  if (first < 0) edit.appendWritten(line, write, what);
  else replaceField(head, edit, name, first, latin1(scratch, 0, write(what, scratch, 0)));
}

function replaceField(head: Head, edit: HeadEdit, name: FieldName, first: number, value: string): void {
  edit.replaceValue(first, value);
  removeField(head, edit, name, first + 1);
}

/** No field of that name at or after index `from`. */
export function removeField(head: Head, edit: HeadEdit, name: FieldName, from = 0): void {
  for (let i = head.find(name, from); i >= 0; i = head.find(name, i + 1)) edit.removeLine(i);
}
