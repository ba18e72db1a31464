/**
 * Bodies that can be checked without keeping them: each exchange's body is a stretch of one endless pseudo-random
 * sequence, which begins somewhere else for every exchange. What is lost, doubled, reordered or another's is seen.
 */

const BLOCK_BYTES = 1 << 18;
const STRIDE = 7919;
const BLOCK = fill(new Uint8Array(BLOCK_BYTES));

/** xorshift32 (Marsaglia 2003): the same in every process. */
function fill(block: Uint8Array): Uint8Array {
  let state = 0x9e3779b9;
  for (let i = 0; i < block.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[i] = state;
  }
  return block;
}

/** The bytes of body `id` from `offset` on: at least one and at most `atMost`. Not to be changed. */
export function stretch(id: number, offset: number, atMost: number): Uint8Array {
  const from = (id * STRIDE + offset) % BLOCK_BYTES;
  return BLOCK.subarray(from, Math.min(from + atMost, BLOCK_BYTES));
}

/** Whether `bytes` are those of body `id` at `offset`. */
export function isStretch(id: number, offset: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    const expected = stretch(id, offset + at, bytes.length - at);
    if (Buffer.compare(expected, bytes.subarray(at, at + expected.length)) !== 0) return false;
    at += expected.length;
  }
  return true;
}
