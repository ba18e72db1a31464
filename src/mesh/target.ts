/** The parts of a request target (RFC 9112 section 3.2) as offsets into the head. */
import { COLON, HEX, SLASH } from "../http1/chars.ts";
import { FieldName, type Head } from "../http1/head.ts";

export const HOST = new FieldName("host");

const QUESTION = 63;
const PERCENT = 37;
const AT = 64;

export class RequestTarget {
  /** The path, without query; still percent-encoded. */
  pathStart = 0;
  pathEnd = 0;
  /** The authority of an absolute target without its userinfo, else the Host field's value; empty range if there is none. */
  hostStart = 0;
  hostEnd = 0;
  /** True if the path holds a percent sign. */
  escaped = false;

  read(head: Head, isConnect: boolean): void {
    const { buf, targetStart, targetEnd } = head;
    const authority = isConnect ? targetStart : absoluteAuthority(buf, targetStart, targetEnd);
    if (authority < 0) {
      const host = head.find(HOST);
      this.hostStart = host < 0 ? 0 : head.valueStart(host);
      this.hostEnd = host < 0 ? 0 : head.valueEnd(host);
      this.pathStart = targetStart;
    } else {
      this.hostEnd = indexOfEither(buf, authority, targetEnd, SLASH, QUESTION);
      this.hostStart = behindUserinfo(buf, authority, this.hostEnd);
      this.pathStart = this.hostEnd;
    }
    this.pathEnd = indexOfEither(buf, this.pathStart, targetEnd, QUESTION, QUESTION);
    this.escaped = indexOfEither(buf, this.pathStart, this.pathEnd, PERCENT, PERCENT) < this.pathEnd;
  }
}

/** Where the authority of `scheme://authority...` starts, or -1 for every other form. */
function absoluteAuthority(buf: Uint8Array, start: number, end: number): number {
  if (buf[start] === SLASH) return -1;
  const colon = indexOfEither(buf, start, end, COLON, SLASH);
  const absolute = buf[colon] === COLON && buf[colon + 1] === SLASH && buf[colon + 2] === SLASH;
  return absolute && colon + 3 <= end ? colon + 3 : -1;
}

/** Who asks, and with which password, is no part of the host (RFC 3986 section 3.2). */
function behindUserinfo(buf: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && buf[i - 1] !== AT) i--;
  return i;
}

function indexOfEither(buf: Uint8Array, start: number, end: number, a: number, b: number): number {
  let i = start;
  while (i < end && buf[i] !== a && buf[i] !== b) i++;
  return i;
}

/**
 * Writes `buf[start, end)` percent-decoded to `out` and returns how many bytes that gave. A percent sign without two
 * hexadecimal digits stays. `out` has room for `end - start`.
 */
export function percentDecode(buf: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    const value = buf[i] === PERCENT && i + 2 < end ? hexPair(buf[i + 1]!, buf[i + 2]!) : -1;
    out[length++] = value < 0 ? buf[i]! : value;
    if (value >= 0) i += 2;
  }
  return length;
}

/** The byte that two hexadecimal digits name, or a negative number. */
function hexPair(high: number, low: number): number {
  return (HEX[high]! << 4) | HEX[low]!;
}
