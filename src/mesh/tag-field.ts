import { FieldName, type Head } from "../http1/head.ts";
import type { Span } from "../trace/span.ts";
import type { TagKey } from "../trace/tag.ts";

export const USER_AGENT_FIELD = new FieldName("user-agent");

/** Tags with the value of the first field of that name; not at all if there is none, or it is empty. */
export function tagField(span: Span, key: TagKey, head: Head, field: FieldName): void {
  const i = head.find(field);
  if (i < 0 || head.valueEnd(i) === head.valueStart(i)) return;
  span.tagBytes(key, head.buf, head.valueStart(i), head.valueEnd(i));
}
