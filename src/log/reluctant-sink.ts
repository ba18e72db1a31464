import type { ByteSink } from "./line-queue.ts";

const RETRY_MS = 50;

/** A stream that takes what it can, and never makes the writer wait. What it did not take is offered again and again. */
export class ReluctantSink implements ByteSink {
  readonly #take: (bytes: Uint8Array) => number;

  /** `take` says how many bytes were taken: 0 if none can be now, -1 if none ever will. */
  constructor(take: (bytes: Uint8Array) => number) {
    this.#take = take;
  }

  write(bytes: Uint8Array): unknown {
    const taken = this.#take(bytes);
    if (taken === bytes.byteLength) return undefined;
    return this.#insist(bytes.slice(Math.max(0, taken)), taken < 0);
  }

  flush(): void {}

  async #insist(bytes: Uint8Array, isBroken: boolean): Promise<void> {
    let rest = bytes;
    let broken = isBroken;
    while (!broken && rest.byteLength > 0) {
      await Bun.sleep(RETRY_MS);
      const taken = this.#take(rest);
      broken = taken < 0;
      rest = rest.subarray(taken);
    }
    if (broken) throw new Error("the stream is broken");
  }
}
