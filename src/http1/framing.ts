/**
 * How long a body is: RFC 9112 section 6.3, with every combination on which parsers disagree declared ambiguous.
 */
import { CLASS, COMMA, isWhiteSpace, LOWER, TOKEN, trimEnd } from "./chars.ts";
import { FieldName, type Head } from "./head.ts";

export const enum Framing {
  /** No body. */
  None,
  /** `head.contentLength` bytes. */
  Length,
  Chunked,
  /** Until FIN. Responses only. */
  UntilClose,
  /** No more messages in this direction: bytes of another protocol follow. */
  Tunnel,
  /** Transfer-Encoding and Content-Length together. */
  AmbiguousBoth,
  /** A Content-Length that is no plain number, or several that differ. */
  AmbiguousLength,
  /** A Transfer-Encoding that is not a plain list ending in its only `chunked`, or one in HTTP/1.0. */
  AmbiguousCoding,
}

const CONTENT_LENGTH = new FieldName("content-length");
const TRANSFER_ENCODING = new FieldName("transfer-encoding");
const CONNECTION = new FieldName("connection");
const UPGRADE = new FieldName("upgrade");

const CHUNKED = new Uint8Array(Buffer.from("chunked"));
const IDENTITY = new Uint8Array(Buffer.from("identity"));
const UPGRADE_OPTION = new Uint8Array(Buffer.from("upgrade"));

/** The body of a request. The method does not matter (RFC 9112 section 6.3, rules 3, 5, 6, 7). */
export function requestFraming(head: Head): Framing {
  const coding = head.find(TRANSFER_ENCODING);
  const length = head.find(CONTENT_LENGTH);
  if (coding < 0) return length < 0 ? Framing.None : requestLength(head, length);
  if (length >= 0) return Framing.AmbiguousBoth;
  const plain = head.minor === 1 && head.find(TRANSFER_ENCODING, coding + 1) < 0;
  return plain && endsInOnlyChunked(head, coding) ? Framing.Chunked : Framing.AmbiguousCoding;
}

/**
 * The body of the response to a request. `toHead` and `toConnect` say what its method was.
 * 1xx other than 101 has no body and does not end the exchange.
 */
export function responseFraming(head: Head, toHead: boolean, toConnect: boolean): Framing {
  const status = head.status;
  if (status === 101) return Framing.Tunnel;
  if (status < 200) return Framing.None;
  if (toConnect && status < 300) return Framing.Tunnel;
  if (toHead || status === 204 || status === 304) return Framing.None;
  const coding = head.find(TRANSFER_ENCODING);
  const length = head.find(CONTENT_LENGTH);
  if (coding >= 0) {
    if (length >= 0) return Framing.AmbiguousBoth;
    const plain = head.minor === 1 && head.find(TRANSFER_ENCODING, coding + 1) < 0;
    return plain && endsInOnlyChunked(head, coding) ? Framing.Chunked : Framing.UntilClose;
  }
  return length < 0 ? Framing.UntilClose : responseLength(head, length);
}

/** The body size that the response to HEAD announces, -1 if it does not. */
export function announcedLength(head: Head): number {
  const field = head.find(CONTENT_LENGTH);
  return field >= 0 && responseLength(head, field) === Framing.Length ? head.contentLength : -1;
}

/** True if the request asks to switch protocols: `Upgrade` and `Connection: upgrade` (RFC 9110 section 7.8). */
export function asksUpgrade(head: Head): boolean {
  if (head.find(UPGRADE) < 0) return false;
  for (let i = head.find(CONNECTION); i >= 0; i = head.find(CONNECTION, i + 1)) {
    if (hasItem(head, i, UPGRADE_OPTION)) return true;
  }
  return false;
}

function requestLength(head: Head, field: number): Framing {
  if (head.find(CONTENT_LENGTH, field + 1) >= 0) return Framing.AmbiguousLength;
  const value = digits(head.buf, head.valueStart(field), head.valueEnd(field));
  if (value < 0) return Framing.AmbiguousLength;
  head.contentLength = value;
  return Framing.Length;
}

/** Several equal values, in one line or in many, count as one (RFC 9112 section 6.3, rule 5). */
function responseLength(head: Head, first: number): Framing {
  let agreed = -1;
  for (let i = first; i >= 0; i = head.find(CONTENT_LENGTH, i + 1)) {
    for (items.begin(head, i); items.next(); ) {
      const value = digits(head.buf, items.from, items.to);
      if (value < 0 || (agreed >= 0 && agreed !== value)) return Framing.AmbiguousLength;
      agreed = value;
    }
  }
  head.contentLength = agreed;
  return Framing.Length;
}

/** The number in `buf[start, end)` if that is 1*DIGIT and at most 2^53-1, else -1. */
function digits(buf: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = buf[i]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

/** True for a comma list of plain tokens whose last, and only its last, is `chunked`, none being `identity`. */
function endsInOnlyChunked(head: Head, field: number): boolean {
  const { buf } = head;
  let chunked = false;
  for (items.begin(head, field); items.next(); ) {
    const { from, to } = items;
    if (chunked || from >= to || !isPlainToken(buf, from, to)) return false;
    if (equalsLower(buf, from, to, IDENTITY)) return false;
    chunked = equalsLower(buf, from, to, CHUNKED);
  }
  return chunked;
}

function hasItem(head: Head, field: number, lower: Uint8Array): boolean {
  for (items.begin(head, field); items.next(); ) {
    if (equalsLower(head.buf, items.from, items.to, lower)) return true;
  }
  return false;
}

/** Walks the items of a comma list (RFC 9110 section 5.6.1), empty ones included. */
class Items {
  #buf: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = -1;
  /** The current item without white space around it is `buf[from, to)`. */
  from = 0;
  to = 0;

  begin(head: Head, field: number): void {
    this.#buf = head.buf;
    this.#at = head.valueStart(field);
    this.#end = head.valueEnd(field);
  }

  next(): boolean {
    const buf = this.#buf;
    let at = this.#at;
    if (at > this.#end) return false;
    let stop = at;
    while (stop < this.#end && buf[stop] !== COMMA) stop++;
    while (at < stop && isWhiteSpace(buf[at]!)) at++;
    this.from = at;
    this.to = trimEnd(buf, at, stop);
    this.#at = stop + 1;
    return true;
  }
}

function isPlainToken(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!(CLASS[buf[i]!]! & TOKEN)) return false;
  return true;
}

function equalsLower(buf: Uint8Array, start: number, end: number, lower: Uint8Array): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) if (LOWER[buf[start + i]!] !== lower[i]) return false;
  return true;
}

/** Shared: used within one call. */
const items = new Items();
