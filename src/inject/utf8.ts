/** The bytes of a manifest as text. What is not UTF-8 is refused: read leniently, it would be written back changed. */
import { UsageError } from "../command-line.ts";

/** Every byte counts, a byte order mark too: the text has to be written back as it was. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
const ENCODER = new TextEncoder();

/** Throws UsageError, with line and column, for bytes of a manifest called `name` that are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  const text = DECODER.decode(bytes);
  const again = ENCODER.encode(text);
  // U+FFFD, which the decoder puts in the place of wrong bytes, is never what they were.
  const wrong = bytes.findIndex((byte, index) => byte !== again[index]);
  if (wrong === -1) return text;
  const lines = DECODER.decode(bytes.subarray(0, wrong)).split("\n");
  throw new UsageError(`${name}:${lines.length}:${lines.at(-1)!.length + 1}: this is not UTF-8`);
}
