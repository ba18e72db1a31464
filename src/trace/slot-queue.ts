/** Ends a chain of slots. */
export const NO_SLOT = -1;

/**
 * Slot numbers in the order they were added, removable from the middle: a doubly linked list in two typed arrays.
 * Slots that are not in the list form the free chain.
 */
export class SlotQueue {
  #next: Int32Array;
  #previous: Int32Array;
  #free = NO_SLOT;
  #oldest = NO_SLOT;
  #newest = NO_SLOT;

  constructor(slots: number) {
    this.#next = new Int32Array(slots);
    this.#previous = new Int32Array(slots);
    this.#chainFree(0, slots);
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Makes room for `slots`, keeping what is there. */
  grow(slots: number): void {
    const before = this.#next.length;
    this.#next = widened(this.#next, slots);
    this.#previous = widened(this.#previous, slots);
    this.#chainFree(before, slots);
  }

  /** Puts a free slot at the newest end and returns it, or NO_SLOT when none is free. */
  take(): number {
    const slot = this.#free;
    if (slot !== NO_SLOT) {
      this.#free = this.#next[slot]!;
      this.#link(slot);
    }
    return slot;
  }

  /** Moves a slot of the list to the newest end. */
  renew(slot: number): void {
    this.#unlink(slot);
    this.#link(slot);
  }

  /** Takes a slot out of the list and frees it. */
  free(slot: number): void {
    this.#unlink(slot);
    this.#next[slot] = this.#free;
    this.#free = slot;
  }

  #link(slot: number): void {
    this.#next[slot] = NO_SLOT;
    this.#previous[slot] = this.#newest;
    if (this.#newest === NO_SLOT) this.#oldest = slot;
    else this.#next[this.#newest] = slot;
    this.#newest = slot;
  }

  #unlink(slot: number): void {
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    if (next === NO_SLOT) this.#newest = previous;
    else this.#previous[next] = previous;
    if (previous === NO_SLOT) this.#oldest = next;
    else this.#next[previous] = next;
  }

  #chainFree(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) this.#next[slot] = slot + 1 < to ? slot + 1 : this.#free;
    this.#free = from;
  }
}

function widened(column: Int32Array, slots: number): Int32Array {
  const grown = new Int32Array(slots);
  grown.set(column);
  return grown;
}
