/**
 * Changes to a request head: whole lines inserted before its final empty line, values replaced in place, lines
 * removed. Everything that is not named stays as it came (conservation law).
 */
import type { Head } from "./head.ts";

declare global {
  interface Buffer {
    /** Bun and Node have it, their types do not: `write` with its encoding already looked up. */
    latin1Write(text: string, at: number): number;
  }
}

/** `Name: value CRLF`, prepared up to the value. */
export class LinePrefix {
  readonly text: string;

  constructor(name: string) {
    this.text = `${name}: `;
  }
}

const CRLF_BYTES = 2;

export class HeadEdit {
  #head: Head | null = null;
  /** Replacements as [from, to) in the head's buffer with the text that takes their place. */
  #from: number[] = [];
  #to: number[] = [];
  #text: string[] = [];
  #count = 0;
  #appended: string[] = [];
  #appendedCount = 0;

  /** Forget everything and start on `head`. */
  begin(head: Head): void {
    this.#head = head;
    this.#count = 0;
    this.#appendedCount = 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#appendedCount === 0;
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
    this.#appended[this.#appendedCount++] = prefix.text;
    this.#appended[this.#appendedCount++] = value;
  }

  /** An upper bound for what `render` writes. */
  get maxBytes(): number {
    let size = this.#head!.end - this.#head!.start;
    for (let i = 0; i < this.#count; i++) size += this.#text[i]!.length;
    for (let i = 0; i < this.#appendedCount; i++) size += this.#appended[i]!.length + CRLF_BYTES;
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
      end += out.latin1Write(this.#text[i]!, end);
      pos = this.#to[i]!;
    }
    const fieldsEnd = head.end - CRLF_BYTES;
    end += copy(source, pos, fieldsEnd, out, end);
    for (let i = 0; i < this.#appendedCount; i += 2) {
      end += out.latin1Write(this.#appended[i]!, end);
      end += out.latin1Write(this.#appended[i + 1]!, end);
      out[end++] = 13;
      out[end++] = 10;
    }
    return end + copy(source, fieldsEnd, head.end, out, end);
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

function copy(source: Buffer, from: number, to: number, out: Buffer, at: number): number {
  return Buffer.prototype.copy.call(source, out, at, from, to);
}
