/**
 * What a segment of a path says: a name that programmers chose, or data. Names stay, ids become `{id}`, and `*` is what
 * cannot be a name of ours to show: escaped, overlong or unusual text. Guesses, made the same way every time.
 */
import { latin1 } from "../http1/head.ts";

export const ID = "{id}";
export const ANY = "*";

const MAX_NAME_BYTES = 40;
/** From so many digits on it is data: more than in any year, port or `iso8601`. */
const MANY_DIGITS = 5;
/** Hashes and UUIDs; shorter ones may be words. */
const MIN_HEX_BYTES = 8;
/** Random letters of both cases with digits between them. */
const MIN_MIXED_BYTES = 10;
const MIN_TOKEN_BYTES = 20;
/** Of a random token's letters every other one is a capital; in names hardly one in four. */
const CAPITALS_OF_TOKENS = 3;

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
const HEX_LETTER = 8;
const DASH = 16;
const PUNCTUATION = 32;

/** Byte → its classes, 0 for what no name has. */
const CLASSES = classesByByte();

function classesByByte(): Uint8Array {
  const classes = new Uint8Array(256);
  for (const c of "0123456789") classes[c.charCodeAt(0)] = DIGIT;
  for (const c of "abcdefghijklmnopqrstuvwxyz") {
    const hex = c <= "f" ? HEX_LETTER : 0;
    classes[c.charCodeAt(0)] = LOWER | hex;
    classes[c.toUpperCase().charCodeAt(0)] = UPPER | hex;
  }
  for (const c of "._~:+,") classes[c.charCodeAt(0)] = PUNCTUATION;
  classes["-".charCodeAt(0)] = DASH;
  return classes;
}

/** What stands for `buf[start, end)`, a segment without slashes, in a route. */
export function segmentText(buf: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > MAX_NAME_BYTES) return isAll(buf, start, end) ? ID : ANY;
  let seen = 0;
  let digits = 0;
  let hexLetters = 0;
  let letters = 0;
  let capitals = 0;
  for (let i = start; i < end; i++) {
    const classes = CLASSES[buf[i]!]!;
    if (classes === 0) return ANY;
    seen |= classes;
    if (classes & DIGIT) digits++;
    if (classes & (LOWER | UPPER)) letters++;
    if (classes & UPPER) capitals++;
    if (classes & HEX_LETTER) hexLetters++;
  }
  const isLong = length >= MIN_TOKEN_BYTES;
  // Tokens with few digits: in words joined by capitals these are few, and words with a digit have their dashes.
  const isRandom = isLong && (seen & LOWER) !== 0 && CAPITALS_OF_TOKENS * capitals >= letters;
  const isUnbroken = isLong && (seen & (PUNCTUATION | DASH)) === 0 && digits > 0;
  if (isRandom || isUnbroken) return ID;
  if (digits === 0) return latin1(buf, start, end);
  const isNumber = letters === 0;
  const isHex = hexLetters === letters && (seen & PUNCTUATION) === 0 && length >= MIN_HEX_BYTES;
  const isMixed = digits > 1 && (seen & LOWER) !== 0 && (seen & UPPER) !== 0 && length >= MIN_MIXED_BYTES;
  const isToken = digits > 1 && isLong;
  return isNumber || isHex || isMixed || isToken || digits >= MANY_DIGITS ? ID : latin1(buf, start, end);
}

/** True if every byte could be one of a name's. */
function isAll(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (CLASSES[buf[i]!] === 0) return false;
  return true;
}
