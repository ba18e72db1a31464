/** Where encoded spans are written: the same memory twice, for single bytes and for words. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** What an encoder returns instead of a position when the span does not fit. */
export const NO_ROOM = -1;
