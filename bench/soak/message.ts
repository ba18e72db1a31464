/** HTTP/1.1 as far as the soak speaks it. Not the product's parser: that is what is put to the test. */
import { isStretch, stretch } from "./pattern.ts";
import type { Wire } from "./wire.ts";

const HEAD_END = "\r\n\r\n";
const MAX_HEAD_BYTES = 16_384;
const WRITE_BYTES = 128 * 1024;

/** Reads to the empty line; null if the other end has finished instead. Throws on half a head. */
export async function readHead(wire: Wire): Promise<string | null> {
  let head = Buffer.alloc(0);
  for (;;) {
    const bytes = await wire.read();
    if (bytes === null && head.length === 0) return null;
    if (bytes === null || head.length > MAX_HEAD_BYTES)
      throw new Error(`half a head: ${head.subarray(0, 200)}`);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) continue;
    wire.unread(head.subarray(end + HEAD_END.length));
    return head.toString("latin1", 0, end);
  }
}

/** The value of a header line, or null. */
export function field(head: string, name: string): string | null {
  return new RegExp(`^${name}: *(.*?) *$`, "im").exec(head)?.[1] ?? null;
}

/** Sends `bytes` of body `id`. */
export async function sendBody(wire: Wire, id: number, bytes: number): Promise<void> {
  for (let offset = 0; offset < bytes; ) {
    const piece = stretch(id, offset, Math.min(WRITE_BYTES, bytes - offset));
    await wire.write(piece);
    offset += piece.length;
  }
}

/** Reads `bytes` of body `id`, the first of which is at `offset`. Throws if others come, or too few. */
export async function checkBody(wire: Wire, id: number, bytes: number, offset = 0): Promise<void> {
  for (let at = offset; at < offset + bytes; ) {
    const piece = await wire.read(offset + bytes - at);
    if (piece === null) throw new Error(`body ${id} ends after ${at} bytes`);
    if (!isStretch(id, at, piece)) throw new Error(`body ${id} has wrong bytes after ${at}`);
    at += piece.length;
  }
}

/** Sends `bytes` of body `id` in chunks of different sizes. */
export async function sendChunked(wire: Wire, id: number, bytes: number): Promise<void> {
  for (let offset = 0; offset < bytes; ) {
    const piece = stretch(id, offset, Math.min(1 + ((id * 31 + offset) % 5000), bytes - offset));
    const size = Buffer.from(`${piece.length.toString(16)}\r\n`);
    await wire.write(Buffer.concat([size, piece, Buffer.from("\r\n")]));
    offset += piece.length;
  }
  await wire.write(Buffer.from("0\r\n\r\n"));
}

/** Reads what `sendChunked` sends. */
export async function checkChunked(wire: Wire, id: number): Promise<void> {
  for (let offset = 0; ; ) {
    const size = Number.parseInt(await readLine(wire), 16);
    await checkBody(wire, id, size, offset);
    if ((await readLine(wire)) !== "") throw new Error(`chunk of body ${id} is longer than it says`);
    if (size === 0) return;
    offset += size;
  }
}

async function readLine(wire: Wire): Promise<string> {
  let line = "";
  while (!line.endsWith("\r\n")) {
    const byte = await wire.read(1);
    if (byte === null) throw new Error(`half a line: ${line}`);
    line += String.fromCharCode(byte[0]!);
  }
  return line.slice(0, -2);
}
