/** UTF-8's continuation bytes are 10xxxxxx (RFC 3629 section 3). */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * Where `buf[start, end)` ends when cut to at most `maxBytes` without splitting a rune. Bytes that are no UTF-8 are cut
 * at the limit.
 */
export function cutUtf8(buf: Uint8Array, start: number, end: number, maxBytes: number): number {
  const limit = start + maxBytes;
  if (end <= limit) return end;
  let cut = limit;
  while (cut > limit - 3 && isContinuation(buf[cut])) cut--;
  return isContinuation(buf[cut]) ? limit : cut;
}
