/** Where random ids come from: one 32-bit pattern (signed) per call. Injected, so that tests can count instead. */
export interface IdSource {
  word(): number;
}

const WORDS = 1024;

/**
 * Cryptographic randomness, fetched 4 KiB at a time: one system call per thousand ids instead of one each.
 * `fill` overwrites the words it is given.
 */
export class RandomIds implements IdSource {
  readonly #words = new Int32Array(WORDS);
  readonly #fill: (words: Int32Array) => void;
  #next = WORDS;

  constructor(fill: (words: Int32Array) => void = (words) => void crypto.getRandomValues(words)) {
    this.#fill = fill;
  }

  word(): number {
    if (this.#next === WORDS) {
      this.#fill(this.#words);
      this.#next = 0;
    }
    return this.#words[this.#next++]!;
  }
}
