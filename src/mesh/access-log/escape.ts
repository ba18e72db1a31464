/**
 * Values that a peer chose, inside quotes: nothing in them ends the value, the line, or speaks to a terminal. What is
 * written is ASCII, and nearly all values are: they are copied as they are looked at. Each function writes to `out` at
 * `at` and returns where it ended.
 */
import { copyBytes } from "../../trace/copy.ts";
import type { Sheet } from "./sheet.ts";

/** 0 for bytes that stand for themselves, printable ASCII without quote and backslash, else 1. */
const SPECIAL = new Uint8Array(256).fill(1).fill(0, 32, 127);
const QUOTE = 34;
const BACKSLASH = 92;
SPECIAL[QUOTE] = 1;
SPECIAL[BACKSLASH] = 1;

/** Writes bytes among which are special ones; at most six for each. */
export type Escape = (out: Sheet, at: number, bytes: Uint8Array) => number;

/** `buf[start, end)`, cut after `maxBytes`. */
export function writeQuoted(
  out: Sheet,
  at: number,
  buf: Uint8Array,
  start: number,
  end: number,
  maxBytes: number,
  escaper: Escape,
): number {
  const cut = Math.min(end, start + maxBytes);
  let special = 0;
  for (let i = start; i < cut; i++) special |= SPECIAL[buf[i]!]!;
  if (special !== 0) return escaper(out, at, buf.subarray(start, cut));
  return copyBytes(out.bytes, at, buf, start, cut);
}

/** Text of one character per byte, cut after `maxBytes`. */
export function writeQuotedText(
  out: Sheet,
  at: number,
  text: string,
  maxBytes: number,
  escaper: Escape,
): number {
  const length = Math.min(text.length, maxBytes);
  const { bytes } = out;
  let special = 0;
  for (let i = 0; i < length; i++) {
    const byte = text.charCodeAt(i) & 255;
    special |= SPECIAL[byte]!;
    bytes[at + i] = byte;
  }
  return special === 0 ? at + length : escaper(out, at, Buffer.from(bytes.subarray(at, at + length)));
}

/** RFC 8259 section 7, all but ASCII as `\uhhhh`; bytes that are no UTF-8 become U+FFFD. */
export const escapeJson: Escape = (out, at, bytes) => {
  const quoted = JSON.stringify(Buffer.from(bytes).toString("utf8"));
  return at + out.bytes.latin1Write(quoted.slice(1, -1).replace(/[\u007f-\uffff]/g, unicodeEscape), at);
};

/** As Apache's logs have it since 2.0.46: `\"`, `\\`, and `\xhh` for what is not printable ASCII. */
export const escapeCommon: Escape = ({ bytes: out }, at, bytes) => {
  let to = at;
  for (const byte of bytes) {
    if (byte === QUOTE || byte === BACKSLASH) out[to++] = BACKSLASH;
    if (byte >= 32 && byte < 127) out[to++] = byte;
    else to += out.latin1Write(`\\x${byte.toString(16).padStart(2, "0")}`, to);
  }
  return to;
};

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
