import { KeyHash } from "./key-hash.ts";
import { NO_SLOT } from "./slot-queue.ts";

/**
 * Key → slot number, in typed arrays: a hundred thousand keys are nothing to the garbage collector, and no text is kept,
 * since 64 bits of hash tell keys apart. Open addressing with linear probing, at most half full (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4, algorithms L and R).
 */
export class SlotIndex {
  /** How many keys there are. */
  size = 0;
  readonly #key: KeyHash;
  /** Two words of hash for each slot. */
  #hashes: Int32Array;
  /** Slot number plus one; 0: free. As many as a power of two. */
  #places: Int32Array;

  /** For slots below `slots`. */
  constructor(slots: number) {
    const [seedA, seedB] = crypto.getRandomValues(new Int32Array(2));
    this.#key = new KeyHash(seedA!, seedB!);
    this.#hashes = new Int32Array(2 * slots);
    this.#places = newPlaces(slots);
  }

  /** The slot of `key`, or NO_SLOT. */
  find(key: string): number {
    this.#key.take(key);
    const { a, b } = this.#key;
    const places = this.#places;
    const hashes = this.#hashes;
    const mask = places.length - 1;
    for (let at = a & mask; places[at] !== 0; at = (at + 1) & mask) {
      const slot = places[at]! - 1;
      if (hashes[2 * slot] === a && hashes[2 * slot + 1] === b) return slot;
    }
    return NO_SLOT;
  }

  /** Gives `slot` to the key that was last looked for and not found. */
  add(slot: number): void {
    this.#hashes[2 * slot] = this.#key.a;
    this.#hashes[2 * slot + 1] = this.#key.b;
    this.#place(slot);
    this.size++;
  }

  /** Forgets the key of `slot`. What was pushed behind it moves up, so that no search ends too early. */
  remove(slot: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let gap = this.#home(slot);
    while (places[gap] !== slot + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const distance = (at - this.#home(places[at]! - 1)) & mask;
      if (distance < ((at - gap) & mask)) continue;
      places[gap] = places[at]!;
      gap = at;
    }
    places[gap] = 0;
    this.size--;
  }

  /** Makes room for `slots`, keeping what is there. */
  grow(slots: number): void {
    const hashes = new Int32Array(2 * slots);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const before = this.#places;
    this.#places = newPlaces(slots);
    for (const place of before) if (place !== 0) this.#place(place - 1);
  }

  #place(slot: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let at = this.#home(slot);
    while (places[at] !== 0) at = (at + 1) & mask;
    places[at] = slot + 1;
  }

  /** Where the search for the key of `slot` begins. */
  #home(slot: number): number {
    return this.#hashes[2 * slot]! & (this.#places.length - 1);
  }
}

function newPlaces(slots: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(2 * slots)));
}
