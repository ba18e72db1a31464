/**
 * Changes to a request head: whole lines inserted before its final empty line, values replaced in place, lines
 * removed. Everything that is not named stays as it came (conservation law).
 */
import { CR, LF } from "./chars.ts";
import type { Head } from "./head.ts";

declare global {
  interface Buffer {
    /** Bun and Node have it, their types do not: `write` with its encoding already looked up. */
    latin1Write(text: string, at: number): number;
  }
}

/** `Name: value CRLF`, prepared up to the value. */
export class LinePrefix {
  readonly bytes: Uint8Array;

  constructor(name: string) {
    this.bytes = new Uint8Array(Buffer.from(`${name}: `, "latin1"));
  }
}

/** Writes the value that says `what` to `out[at]`, `MAX_WRITTEN_BYTES` at most. Returns its end. */
export type ValueWriter<T> = (what: T, out: Uint8Array, at: number) => number;

export const MAX_WRITTEN_BYTES = 128;

const CRLF_BYTES = 2;
/** For the lines that most requests get. */
const FIRST_ADDED_BYTES = 1024;
/** A short text is written sooner by a loop than by a native call, whose code a processor that was asleep has to fetch. */
const LOOP_MAX_BYTES = 64;

export class HeadEdit {
  #head: Head | null = null;
  /** Replacements as [from, to) in the head's buffer with the text that takes their place. */
  #from: number[] = [];
  #to: number[] = [];
  #text: string[] = [];
  #count = 0;
  /** The lines to insert. */
  #added = Buffer.allocUnsafeSlow(FIRST_ADDED_BYTES);
  #addedBytes = 0;

  /** Forget everything and start on `head`. */
  begin(head: Head): void {
    this.#head = head;
    this.#count = 0;
    this.#addedBytes = 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#addedBytes === 0;
  }

  /** Put `value` (one character per byte) where the field's value stands, its continuation lines included. */
  replaceValue(field: number, value: string): void {
    this.#replace(this.#head!.valueStart(field), this.#head!.valueEnd(field), value);
  }

  /** Take the field's line away, its continuation lines included. */
  removeLine(field: number): void {
    this.#replace(this.#head!.lineStart(field), this.#head!.lineEnd(field), "");
  }

  /** Insert a line before the final empty line. */
  append(prefix: LinePrefix, value: string): void {
    const at = this.#beginLine(prefix, value.length);
    this.#endLine(at + writeText(value, this.#added, at));
  }

  /** The same, with the value that `write` writes. */
  appendWritten<T>(prefix: LinePrefix, write: ValueWriter<T>, what: T): void {
    const at = this.#beginLine(prefix, MAX_WRITTEN_BYTES);
    this.#endLine(write(what, this.#added, at));
  }

  /** An upper bound for what `render` writes. */
  get maxBytes(): number {
    let size = this.#head!.end - this.#head!.start + this.#addedBytes;
    for (let i = 0; i < this.#count; i++) size += this.#text[i]!.length;
    return size;
  }

  /** Writes the edited head to `out[at]`, which has room for `maxBytes`. Returns the end of what was written. */
  render(out: Buffer, at: number): number {
    const head = this.#head!;
    const source = head.buf as Buffer;
    let pos = head.start;
    let end = at;
    for (let i = 0; i < this.#count; i++) {
      end += copy(source, pos, this.#from[i]!, out, end);
      end += writeText(this.#text[i]!, out, end);
      pos = this.#to[i]!;
    }
    const fieldsEnd = head.end - CRLF_BYTES;
    end += copy(source, pos, fieldsEnd, out, end);
    end += copy(this.#added, 0, this.#addedBytes, out, end);
    out[end++] = CR;
    out[end++] = LF;
    return end;
  }

  /** Makes room for a value of `maxBytes` and returns where it begins. */
  #beginLine({ bytes }: LinePrefix, maxBytes: number): number {
    const needed = this.#addedBytes + bytes.length + maxBytes + CRLF_BYTES;
    if (needed > this.#added.length) this.#grow(needed);
    const added = this.#added;
    let at = this.#addedBytes;
    for (let i = 0; i < bytes.length; i++) added[at++] = bytes[i]!;
    return at;
  }

  #endLine(at: number): void {
    this.#added[at] = CR;
    this.#added[at + 1] = LF;
    this.#addedBytes = at + CRLF_BYTES;
  }

  #grow(needed: number): void {
    const wider = Buffer.allocUnsafeSlow(2 * needed);
    copy(this.#added, 0, this.#addedBytes, wider, 0);
    this.#added = wider;
  }

  /** Keeps the replacements in the order of their position; there are at most a handful. */
  #replace(from: number, to: number, text: string): void {
    let i = this.#count++;
    while (i > 0 && this.#from[i - 1]! > from) {
      this.#from[i] = this.#from[i - 1]!;
      this.#to[i] = this.#to[i - 1]!;
      this.#text[i] = this.#text[i - 1]!;
      i--;
    }
    this.#from[i] = from;
    this.#to[i] = to;
    this.#text[i] = text;
  }
}

/** One byte per character. Returns how many. */
function writeText(text: string, out: Buffer, at: number): number {
  const { length } = text;
  if (length > LOOP_MAX_BYTES) return out.latin1Write(text, at);
  for (let i = 0; i < length; i++) out[at + i] = text.charCodeAt(i);
  return length;
}

function copy(source: Buffer, from: number, to: number, out: Buffer, at: number): number {
  return Buffer.prototype.copy.call(source, out, at, from, to);
}
