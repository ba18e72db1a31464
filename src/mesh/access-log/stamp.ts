/** Time stamps. Most lines belong to the second of the line before, whose text is kept. */
import type { Sheet } from "./sheet.ts";
import { type Piece, piece, writePiece } from "./write.ts";

const US_PER_SECOND = 1e6;

/** Writes a second's text; whoever uses it adds what is finer. */
export class Stamp {
  readonly #format: (second: Date) => string;
  #second = Number.NaN;
  #text: Piece = piece("");

  constructor(format: (second: Date) => string) {
    this.#format = format;
  }

  /** `us`: microseconds since the Unix epoch. */
  write(out: Sheet, at: number, us: number): number {
    const second = Math.floor(us / US_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = piece(this.#format(new Date(second * 1000)));
    }
    return writePiece(out, at, this.#text);
  }
}

/** RFC 3339 without fraction and zone: `2026-01-02T03:04:05`. */
export function rfc3339(second: Date): string {
  return second.toISOString().slice(0, 19);
}

/** The common log format's, in UTC: `02/Jan/2026:03:04:05 +0000`. */
export function commonDate(second: Date): string {
  const [, day, month, year, time] = second.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
