/**
 * 64 bits that a text is known by: FNV-1a twice, from two seeds, with MurmurHash3's last mix. The seeds are drawn at
 * random, because peers choose the texts.
 */
export class KeyHash {
  /** Of the last text, as signed 32-bit integers. */
  a = 0;
  b = 0;
  readonly #seedA: number;
  readonly #seedB: number;

  constructor(seedA: number, seedB: number) {
    this.#seedA = seedA;
    this.#seedB = seedB;
  }

  /** Sets `a` and `b`. */
  take(text: string): void {
    let a = this.#seedA;
    let b = this.#seedB;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x5bd1e995) ^ (b >>> 15);
    }
    // Of its seed only the lowest byte decides which texts have the same `a` (FNV-1a); with `b` in it, two seeds do.
    this.a = mix(a ^ b ^ text.length);
    this.b = mix(b);
  }
}

function mix(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
