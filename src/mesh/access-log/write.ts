/** Pieces of a line, written as bytes: each function writes to `out` at `at` and returns where it ended. */
import { copyWords, WORD_SLACK } from "../../trace/copy.ts";
import type { Sheet } from "./sheet.ts";

const ZERO = 48;
const POINT = 46;
const LARGEST_INT32 = 0x7fff_ffff;

/** Text that is always the same, laid out for `copyWords`. */
export interface Piece {
  readonly view: DataView;
  readonly length: number;
}

/** `text` is ASCII. */
export function piece(text: string): Piece {
  const bytes = Buffer.alloc(text.length + WORD_SLACK);
  bytes.latin1Write(text, 0);
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), length: text.length };
}

export function writePiece(out: Sheet, at: number, { view, length }: Piece): number {
  return copyWords(out.view, at, view, 0, length);
}

/** A whole number from 0 in decimal digits. */
export function writeInt(out: Sheet, at: number, value: number): number {
  if (value > LARGEST_INT32) return at + out.bytes.latin1Write(String(value), at);
  let unit = 1;
  while (((value / unit) | 0) >= 10) unit = (unit * 10) | 0;
  let rest = value;
  let end = at;
  for (; unit >= 1; unit = (unit / 10) | 0) {
    const digit = (rest / unit) | 0;
    out.bytes[end++] = ZERO + digit;
    rest = (rest - digit * unit) | 0;
  }
  return end;
}

/** The last three digits of `value`, a whole number below 1000. */
export function writeThousandths(out: Sheet, at: number, value: number): number {
  out.bytes[at] = ZERO + ((value / 100) | 0);
  out.bytes[at + 1] = ZERO + (((value / 10) | 0) % 10);
  out.bytes[at + 2] = ZERO + (value % 10);
  return at + 3;
}

/** Whole microseconds as milliseconds with three decimals; a clock that was put back gives 0. */
export function writeMs(out: Sheet, at: number, us: number): number {
  const positive = Math.max(0, us);
  const ms = Math.floor(positive / 1000);
  const end = writeInt(out, at, ms);
  out.bytes[end] = POINT;
  return writeThousandths(out, end + 1, positive - ms * 1000);
}
