/** Character classes of RFC 9110 section 5.6.2 and RFC 9112 section 2, as bits in a table by byte. */

/** tchar: what methods and field names are made of. */
export const TOKEN = 1;
/** VCHAR and obs-text: what a request target is made of. */
export const VISIBLE = 2;
/** VCHAR, obs-text, SP and HTAB: what field values, reason phrases and chunk extensions are made of. */
export const TEXT = 4;

export const CLASS = new Uint8Array(256);
/** Byte → the same byte in lower case (ASCII letters only). */
export const LOWER = new Uint8Array(256);
/** Byte → value of the hexadecimal digit, or -1. */
export const HEX = new Int8Array(256).fill(-1);

export const HTAB = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const COMMA = 44;
export const SLASH = 47;
export const COLON = 58;
export const SEMICOLON = 59;

// Not a loop of the module itself: see test/top-level.test.ts.
fillTables();

function fillTables(): void {
  for (let c = 0; c < 256; c++) {
    const char = String.fromCharCode(c);
    const visible = c > SP && c !== 0x7f;
    if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char)) CLASS[c] |= TOKEN;
    if (visible) CLASS[c] |= VISIBLE;
    if (visible || c === SP || c === HTAB) CLASS[c] |= TEXT;
    LOWER[c] = c >= 65 && c <= 90 ? c | 0x20 : c;
    if (/[0-9a-fA-F]/.test(char)) HEX[c] = Number.parseInt(char, 16);
  }
}

export function isWhiteSpace(c: number): boolean {
  return c === SP || c === HTAB;
}

/** End of `buf[start, end)` without the white space before it. */
export function trimEnd(buf: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && isWhiteSpace(buf[last - 1]!)) last--;
  return last;
}
