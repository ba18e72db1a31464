/**
 * Values that a peer chose, inside quotes: nothing in them ends the value, the line, or speaks to a terminal. What is
 * written is ASCII, and nearly all values are: they are copied as they are looked at. Each function writes to `out` at
 * `at` and returns where it ended.
 */

/** Bytes that stand for themselves: printable ASCII without quote and backslash. */
const PLAIN = new Uint8Array(256).fill(1, 32, 127);
const QUOTE = 34;
const BACKSLASH = 92;
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** Writes what is not plain; at most six bytes for each of its own. */
export type Escape = (out: Buffer, at: number, bytes: Uint8Array) => number;

/** `buf[start, end)`, cut after `maxBytes`. */
export function writeQuoted(
  out: Buffer,
  at: number,
  buf: Uint8Array,
  start: number,
  end: number,
  maxBytes: number,
  escaper: Escape,
): number {
  const cut = Math.min(end, start + maxBytes);
  let to = at;
  for (let i = start; i < cut; i++) {
    const byte = buf[i]!;
    if (PLAIN[byte] === 0) return escaper(out, at, buf.subarray(start, cut));
    out[to++] = byte;
  }
  return to;
}

/** Text of one character per byte, cut after `maxBytes`. */
export function writeQuotedText(
  out: Buffer,
  at: number,
  text: string,
  maxBytes: number,
  escaper: Escape,
): number {
  const length = Math.min(text.length, maxBytes);
  for (let i = 0; i < length; i++) {
    const byte = text.charCodeAt(i);
    if (PLAIN[byte] !== 1) return escaper(out, at, Buffer.from(text.slice(0, length), "latin1"));
    out[at + i] = byte;
  }
  return at + length;
}

/** RFC 8259 section 7, all but ASCII as `\uhhhh`; bytes that are no UTF-8 become U+FFFD. */
export const escapeJson: Escape = (out, at, bytes) => {
  const quoted = JSON.stringify(Buffer.from(bytes).toString("utf8"));
  return at + out.latin1Write(quoted.slice(1, -1).replace(/[\u007f-\uffff]/g, unicodeEscape), at);
};

/** As Apache's logs have it since 2.0.46: `\"`, `\\`, and `\xhh` for what is not printable ASCII. */
export const escapeCommon: Escape = (out, at, bytes) => {
  let to = at;
  for (const byte of bytes) {
    if (PLAIN[byte] === 1) out[to++] = byte;
    else if (byte === QUOTE || byte === BACKSLASH) {
      out[to++] = BACKSLASH;
      out[to++] = byte;
    } else to += out.latin1Write(`\\x${byte.toString(16).padStart(2, "0")}`, to);
  }
  return to;
};

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
