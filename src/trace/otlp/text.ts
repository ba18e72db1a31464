/**
 * Text in a span is what came over the wire; OTLP takes valid UTF-8 only and a collector refuses the whole batch for
 * one bad byte. Nearly all text is ASCII, which is found out a word at a time; only the rest is decoded and repaired.
 */
import { WORD_SLACK } from "../copy.ts";
import { OPERATION_MAX_BYTES, type Span } from "../span.ts";

/** A byte that means nothing becomes U+FFFD, three bytes. */
const scratch = Buffer.alloc(3 * OPERATION_MAX_BYTES + WORD_SLACK);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);
const HIGH_BITS = 0x80808080 | 0;

/** Valid UTF-8 found by `findText`, laid out for `copyWords`; good until the next call. */
export const found: { view: DataView; start: number; length: number } = {
  view: scratchView,
  start: 0,
  length: 0,
};

/** Points `found` at the text in `[start, end)` of the span's slot, with U+FFFD for what is no UTF-8. */
export function findText(span: Span, start: number, end: number): void {
  if (isAscii(span.view, start, end - start)) {
    found.view = span.view;
    found.start = start;
    found.length = end - start;
  } else {
    found.view = scratchView;
    found.start = 0;
    found.length = scratch.write(span.bytes.toString("utf8", start, end));
  }
}

/** There are `WORD_SLACK` bytes behind the text, which do not count. */
function isAscii(view: DataView, start: number, length: number): boolean {
  const words = length & ~3;
  let bits = 0;
  for (let i = 0; i < words; i += 4) bits |= view.getInt32(start + i, true);
  const rest = 8 * (length & 3);
  if (rest !== 0) bits |= view.getInt32(start + words, true) & ((1 << rest) - 1);
  return (bits & HIGH_BITS) === 0;
}
