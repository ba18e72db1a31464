import type { Head } from "../http1/head.ts";
import type { Exchange } from "../mesh/exchange.ts";

/** A power of two. */
const ENTRIES = 2048;
const SHIFT = 32 - Math.log2(ENTRIES);
/** What is behind in a longer request line makes no difference. */
export const MAX_LINE_BYTES = 1024;

/**
 * Request line → number of its kind, so that a known path costs no more than a look at its bytes. An entry is known by
 * 64 bits of hash, keyed at random, so that no request can be made up to count as another. Each hash has one place,
 * and the last comer takes it: random paths take no memory.
 */
export class KindCache {
  /** Two words for each place. */
  readonly #hashes = new Int32Array(2 * ENTRIES);
  /** The kind plus one; 0: empty. */
  readonly #kinds = new Uint16Array(ENTRIES);
  /** 1: the kind is only supposed, and not found until it is confirmed. */
  readonly #supposed = new Uint8Array(ENTRIES);
  readonly #factorA: number;
  readonly #factorB: number;
  #a = 0;
  #b = 0;

  constructor() {
    const [a, b] = crypto.getRandomValues(new Int32Array(2));
    this.#factorA = a! | 1;
    this.#factorB = b! | 1;
  }

  /** The kind of this request, or -1. Method, path, version and, if `withServer`, host and port tell kinds apart. */
  find({ target, conn }: Exchange, { buf, start, minor }: Head, withServer: boolean): number {
    const seed = withServer ? 2 * conn.originalDst.port + minor : minor;
    this.#a = seed;
    this.#b = ~seed;
    this.#mix(buf, start, Math.min(target.pathEnd, start + MAX_LINE_BYTES));
    if (withServer)
      this.#mix(buf, target.hostStart, Math.min(target.hostEnd, target.hostStart + MAX_LINE_BYTES));
    const at = this.#place();
    if (this.#supposed[at] === 1) return -1;
    const isSame = this.#hashes[2 * at] === this.#a && this.#hashes[2 * at + 1] === this.#b;
    return isSame ? this.#kinds[at]! - 1 : -1;
  }

  /** Remembers the kind of the request that `find` was last asked for. Returns where. */
  store(kind: number): number {
    const at = this.#place();
    this.#hashes[2 * at] = this.#a;
    this.#hashes[2 * at + 1] = this.#b;
    this.#kinds[at] = kind + 1;
    this.#supposed[at] = 0;
    return at;
  }

  /** The same, but the kind counts once it is confirmed. */
  suppose(kind: number): number {
    const at = this.store(kind);
    this.#supposed[at] = 1;
    return at;
  }

  /** What was supposed at that place, if it is still there, is right. */
  confirm(place: number, kind: number): void {
    if (this.#kinds[place] === kind + 1) this.#supposed[place] = 0;
  }

  clear(): void {
    this.#kinds.fill(0);
    this.#supposed.fill(0);
  }

  /** The upper bits of a product depend on every byte. */
  #place(): number {
    return Math.imul(this.#a, 0x9e3779b1) >>> SHIFT;
  }

  #mix(buf: Uint8Array, start: number, end: number): void {
    const factorA = this.#factorA;
    const factorB = this.#factorB;
    let a = this.#a;
    let b = this.#b;
    for (let i = start; i < end; i++) {
      const c = buf[i]!;
      a = Math.imul(a ^ c, factorA);
      b = Math.imul(((b << 5) | (b >>> 27)) ^ c, factorB);
    }
    this.#a = a;
    this.#b = b;
  }
}
