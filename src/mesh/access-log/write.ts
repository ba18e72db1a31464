/** Pieces of a line, written as bytes: each function writes to `out` at `at` and returns where it ended. */
import { copyBytes } from "../../trace/copy.ts";

const ZERO = 48;
const POINT = 46;
const LARGEST_INT32 = 0x7fff_ffff;

/** A piece that is always the same, prepared once. */
export function piece(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function writePiece(out: Buffer, at: number, bytes: Uint8Array): number {
  return copyBytes(out, at, bytes, 0, bytes.length);
}

/** A whole number from 0 in decimal digits. */
export function writeInt(out: Buffer, at: number, value: number): number {
  if (value > LARGEST_INT32) return at + out.latin1Write(String(value), at);
  let unit = 1;
  while (((value / unit) | 0) >= 10) unit = (unit * 10) | 0;
  let rest = value;
  let end = at;
  for (; unit >= 1; unit = (unit / 10) | 0) {
    const digit = (rest / unit) | 0;
    out[end++] = ZERO + digit;
    rest = (rest - digit * unit) | 0;
  }
  return end;
}

/** The last three digits of `value`, a whole number below 1000. */
export function writeThousandths(out: Buffer, at: number, value: number): number {
  out[at] = ZERO + ((value / 100) | 0);
  out[at + 1] = ZERO + (((value / 10) | 0) % 10);
  out[at + 2] = ZERO + (value % 10);
  return at + 3;
}

/** Whole microseconds as milliseconds with three decimals; a clock that was put back gives 0. */
export function writeMs(out: Buffer, at: number, us: number): number {
  const positive = Math.max(0, us);
  const ms = Math.floor(positive / 1000);
  const end = writeInt(out, at, ms);
  out[end] = POINT;
  return writeThousandths(out, end + 1, positive - ms * 1000);
}
