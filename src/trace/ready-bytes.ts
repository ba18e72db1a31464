import { WORD_SLACK } from "./copy.ts";

/** Bytes made beforehand, laid out for `copyWords`. */
export class ReadyBytes {
  readonly view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    const padded = new Uint8Array(bytes.length + WORD_SLACK);
    padded.set(bytes);
    this.view = new DataView(padded.buffer);
    this.length = bytes.length;
  }
}
