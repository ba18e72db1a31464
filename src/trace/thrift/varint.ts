/**
 * Integers of TCompactProtocol (thrift-compact-protocol.md): zigzag, then 7 bits a byte, low group first. A 64-bit
 * integer comes as two 32-bit halves.
 */

/** Writes an unsigned 32-bit varint and returns the position after it. */
export function writeVarint(buf: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value >>> 0;
  while (rest > 127) {
    buf[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buf[to++] = rest;
  return to;
}

/** Writes an unsigned 64-bit varint, or the two's complement of a signed integer. */
export function writeVarint64(buf: Uint8Array, at: number, hi: number, lo: number): number {
  let to = at;
  let high = hi;
  let low = lo;
  while (high !== 0) {
    buf[to++] = (low & 127) | 128;
    low = (low >>> 7) | (high << 25);
    high >>>= 7;
  }
  return writeVarint(buf, to, low);
}

/** Writes a signed 32-bit integer. */
export function writeI32(buf: Uint8Array, at: number, value: number): number {
  return writeVarint(buf, at, (value << 1) ^ (value >> 31));
}

/** Writes a signed 64-bit integer given as halves. */
export function writeI64(buf: Uint8Array, at: number, hi: number, lo: number): number {
  const sign = hi >> 31;
  return writeVarint64(buf, at, ((hi << 1) | (lo >>> 31)) ^ sign, (lo << 1) ^ sign);
}

/** Writes a whole number up to ±2^53, such as a time in microseconds, as a signed 64-bit integer. */
export function writeWhole(buf: Uint8Array, at: number, value: number): number {
  return writeI64(buf, at, Math.floor(value / 0x1_0000_0000) | 0, value | 0);
}
