/** Memory to write lines to, as bytes and, for copies of whole words, as a view. */
export class Sheet {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
  }
}
