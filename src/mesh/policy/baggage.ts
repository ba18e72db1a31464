/**
 * `jaeger-baggage: k1=v1, k2=v2`, the way to give a trace baggage by hand: each item goes on as a header `uberctx-k1` of
 * its own (jaeger-client-go propagation.go `parseCommaSeparatedMap`). The field itself stays, as do all `uberctx-` fields
 * that came: to a proxy they are headers like any other.
 */
import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head, isToken } from "../../http1/head.ts";

const JAEGER_BAGGAGE = new FieldName("jaeger-baggage");
const BAGGAGE_PREFIX = "uberctx-";
/** The limits of W3C Baggage section 3.3.2: what a peer sends must not grow without bounds on its way. */
const MAX_ITEMS = 64;
const MAX_BYTES = 8192;

/** Adds the baggage headers that `head` asks for, except those that it has. */
export function forwardBaggage(head: Head, edit: HeadEdit): void {
  const field = head.find(JAEGER_BAGGAGE);
  if (field < 0) return;
  let room = MAX_BYTES;
  for (const [name, value] of parseItems(head, field)) {
    room -= name.length + value.length;
    if (room < 0) return;
    if (head.find(new FieldName(name)) < 0) edit.append(new LinePrefix(name), value);
  }
}

/** Header names and escaped values; an item that has no name or no value, or two, is skipped. */
function parseItems(head: Head, field: number): Map<string, string> {
  const items = new Map<string, string>();
  for (let i = field; i >= 0; i = head.find(JAEGER_BAGGAGE, i + 1)) {
    const text = unescapeUrl(Buffer.from(head.value(i), "latin1").toString());
    for (const item of text.split(",", MAX_ITEMS)) {
      const [key = "", value, ...more] = item.trim().split("=");
      const name = BAGGAGE_PREFIX + key.trim().toLowerCase();
      if (value === undefined || more.length > 0 || name === BAGGAGE_PREFIX || !isToken(name)) continue;
      if (items.size < MAX_ITEMS) items.set(name, encodeURIComponent(value));
    }
  }
  return items;
}

function unescapeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
