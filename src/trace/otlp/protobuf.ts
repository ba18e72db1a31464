/**
 * Protocol Buffers on the wire (protobuf.dev/programming-guides/encoding): what OTLP needs of them. A varint of 32 bits
 * is the same as Thrift's; a 64-bit integer comes as two 32-bit halves.
 */
import { writeVarint } from "../thrift/varint.ts";

/** Bytes that `writeVarint` takes for a length; those here stay far below the limit of 2^28. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
}

/** Bytes that `writeVarint64` takes. */
export function varint64Bytes(hi: number, lo: number): number {
  const bits = hi === 0 ? 32 - Math.clz32(lo) : 64 - Math.clz32(hi);
  return Math.max(1, Math.ceil(bits / 7));
}

/** Writes an id of 8 bytes, most significant first. */
export function writeId(view: DataView, at: number, hi: number, lo: number): number {
  view.setInt32(at, hi);
  view.setInt32(at + 4, lo);
  return at + 8;
}

/** Writes a time in microseconds as fixed64 nanoseconds, exact although no number holds them. */
export function writeNanos(view: DataView, at: number, timeUs: number): number {
  const lowNanos = (timeUs % 0x1_0000_0000) * 1000;
  const high = Math.floor(timeUs / 0x1_0000_0000) * 1000 + Math.floor(lowNanos / 0x1_0000_0000);
  view.setInt32(at, lowNanos, true);
  view.setInt32(at + 4, high, true);
  return at + 8;
}

/** A field that holds bytes or a message: for what is encoded once. */
export function field(id: number, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  const end = writeVarint(header, writeVarint(header, 0, (id << 3) | 2), content.length);
  return Buffer.concat([header.subarray(0, end), content]);
}

/** A field that holds a text: for what is encoded once. */
export function textField(id: number, text: string): Uint8Array {
  return field(id, Buffer.from(text));
}
