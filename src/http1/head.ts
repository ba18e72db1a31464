/**
 * A message head as offsets into the bytes it arrived in, never copied. A few Head objects serve all connections: the
 * scanner fills one, which is valid during `MessageSink.head`, or as long as it is kept (`MessageParser.keepHead`).
 */
import { CLASS, LOWER, TOKEN } from "./chars.ts";

/** A field name to look for, prepared once: compared by hash first, then byte by byte without case. */
export class FieldName {
  readonly lower: Uint8Array;
  readonly hash: number;
  readonly bit: number;

  /** Throws for a name that is not a token: names come from code or validated configuration. */
  constructor(readonly text: string) {
    this.lower = new Uint8Array(Buffer.from(text.toLowerCase(), "latin1"));
    if (!isToken(text)) throw new Error(`not a field name: ${JSON.stringify(text)}`);
    let hash = 0;
    for (const c of this.lower) hash = hashByte(hash, c);
    this.hash = hash;
    this.bit = nameBit(hash);
  }
}

/** True for a non-empty RFC 9110 token. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!(CLASS[text.charCodeAt(i)]! & TOKEN)) return false;
  return text.length > 0;
}

/** One step of the field-name hash; `c` must already be lower case. */
export function hashByte(hash: number, c: number): number {
  return (Math.imul(hash, 31) + c) | 0;
}

/** One of 32 bits for a finished hash (Fibonacci hashing): a head without that bit has no field of that name. */
function nameBit(hash: number): number {
  return 1 << (Math.imul(hash, 0x9e3779b1) >>> 27);
}

/**
 * A head with more fields is not read further. No head that a program means has as many; each costs memory and time.
 */
export const MAX_FIELDS = 1024;

export const NO_BYTES = new Uint8Array(0);

/** Ints per field: see the accessors of `Head`. */
const STRIDE = 6;
const FIRST_ROOM = 32;
const LINE_START = 0;
const NAME_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const LINE_END = 4;
const HASH = 5;

export class Head {
  buf: Uint8Array = NO_BYTES;
  /** The head is `buf[start, end)`, the empty line included. `end` counts once the head is complete. */
  start = 0;
  end = 0;

  /** Request: the method is `buf[start, methodEnd)`, the target `buf[targetStart, targetEnd)`. */
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  /** Response: the status code, 100..999. */
  status = 0;
  /** 0 or 1, of HTTP/1.x. */
  minor = 1;

  /** Set by framing: the value of Content-Length where that frames the body. */
  contentLength = 0;

  fieldCount = 0;
  #fields = new Int32Array(STRIDE * FIRST_ROOM);
  /** The bits of all names. Most names that are looked for are absent, and most of those are known to be by this. */
  #nameBits = 0;

  /** Start a new head at `buf[start]`. */
  begin(buf: Uint8Array, start: number): void {
    this.buf = buf;
    this.start = start;
    this.end = 0;
    this.fieldCount = 0;
    this.#nameBits = 0;
    this.status = 0;
    this.contentLength = 0;
  }

  /** The memory it has for fields. */
  get fieldBytes(): number {
    return this.#fields.byteLength;
  }

  /** The same bytes now lie `delta` further on in another buffer. */
  moveTo(buf: Uint8Array, delta: number): void {
    this.buf = buf;
    this.start += delta;
    this.methodEnd += delta;
    this.targetStart += delta;
    this.targetEnd += delta;
    for (let i = 0; i < this.fieldCount * STRIDE; i++) if (i % STRIDE !== HASH) this.#fields[i]! += delta;
  }

  openField(lineStart: number): void {
    const at = this.fieldCount++ * STRIDE;
    if (at === this.#fields.length) this.#grow();
    this.#fields[at + LINE_START] = lineStart;
    this.#fields[at + VALUE_END] = -1;
  }

  nameField(nameEnd: number, hash: number): void {
    const at = (this.fieldCount - 1) * STRIDE;
    this.#fields[at + NAME_END] = nameEnd;
    this.#fields[at + HASH] = hash;
    this.#nameBits |= nameBit(hash);
  }

  startValue(valueStart: number): void {
    this.#fields[(this.fieldCount - 1) * STRIDE + VALUE_START] = valueStart;
  }

  /** A continuation line (obs-fold) has its first text at `at`: there the value begins, if nothing came before. */
  resumeValue(at: number): void {
    const last = this.fieldCount - 1;
    if (this.valueStart(last) === this.valueEnd(last)) this.startValue(at);
  }

  /** Called again for each continuation line (obs-fold): the value and the line then reach further. */
  closeField(valueEnd: number, lineEnd: number): void {
    const at = (this.fieldCount - 1) * STRIDE;
    this.#fields[at + VALUE_END] = valueEnd;
    this.#fields[at + LINE_END] = lineEnd;
  }

  /** A whole field line without continuation: what `openField` to `closeField` take one by one. */
  addField(lineStart: number, nameEnd: number, hash: number, valueStart: number, valueEnd: number): void {
    const at = this.fieldCount++ * STRIDE;
    if (at === this.#fields.length) this.#grow();
    const fields = this.#fields;
    fields[at + LINE_START] = lineStart;
    fields[at + NAME_END] = nameEnd;
    fields[at + VALUE_START] = valueStart;
    fields[at + VALUE_END] = valueEnd;
    fields[at + LINE_END] = valueEnd + 2;
    fields[at + HASH] = hash;
    this.#nameBits |= nameBit(hash);
  }

  lineStart(field: number): number {
    return this.#fields[field * STRIDE + LINE_START]!;
  }
  valueStart(field: number): number {
    return this.#fields[field * STRIDE + VALUE_START]!;
  }
  /** The value without leading and trailing white space is `buf[valueStart, valueEnd)`. */
  valueEnd(field: number): number {
    return this.#fields[field * STRIDE + VALUE_END]!;
  }
  /** Behind the line's CRLF, continuation lines included. */
  lineEnd(field: number): number {
    return this.#fields[field * STRIDE + LINE_END]!;
  }

  /** Index of the first field of that name at or after `from`, or -1. */
  find(name: FieldName, from = 0): number {
    if ((this.#nameBits & name.bit) === 0) return -1;
    const fields = this.#fields;
    const { hash, lower } = name;
    const count = this.fieldCount;
    // Without `| 0` the engine does not know an integer behind the default, and each turn costs four times as much.
    for (let i = from | 0, at = (from * STRIDE + HASH) | 0; i < count; i++, at += STRIDE) {
      if (fields[at] === hash && this.#named(i, lower)) return i;
    }
    return -1;
  }

  /** True if the last field read so far has that name. */
  lastIs(name: FieldName): boolean {
    return this.fieldCount > 0 && this.find(name, this.fieldCount - 1) >= 0;
  }

  /** The value as text, one character per byte, cut after `maxBytes`. */
  value(field: number, maxBytes = Number.POSITIVE_INFINITY): string {
    const start = this.valueStart(field);
    return latin1(this.buf, start, Math.min(this.valueEnd(field), start + maxBytes));
  }

  /** True if the method is exactly `method` (methods are case-sensitive, RFC 9110 section 9.1). */
  methodIs(method: string): boolean {
    if (this.methodEnd - this.start !== method.length) return false;
    for (let i = 0; i < method.length; i++) {
      if (this.buf[this.start + i] !== method.charCodeAt(i)) return false;
    }
    return true;
  }

  #named(field: number, lower: Uint8Array): boolean {
    const start = this.#fields[field * STRIDE + LINE_START]!;
    if (this.#fields[field * STRIDE + NAME_END]! - start !== lower.length) return false;
    for (let i = 0; i < lower.length; i++) if (LOWER[this.buf[start + i]!] !== lower[i]) return false;
    return true;
  }

  #grow(): void {
    const wider = new Int32Array(this.#fields.length * 2);
    wider.set(this.#fields);
    this.#fields = wider;
  }
}

/** `buf[start, end)` as text, one character per byte. */
export function latin1(buf: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(buf, start, end);
}
