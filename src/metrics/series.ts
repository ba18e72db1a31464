import { grown } from "./grown.ts";

const FIRST_SLOTS = 16;

/** Hears when the columns of a family need more room, and when a slot is free again. */
export interface SeriesHost {
  grow(slots: number): void;
  expired(key: number, slot: number): void;
}

/**
 * The series of one family: key → slot in the family's columns. There are at most `max`; one that has not been used for
 * a while goes, and its slot serves another.
 */
export class SeriesTable {
  readonly #host: SeriesHost;
  readonly #max: number;
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  #room = 0;
  #usedAtUs = new Float64Array(0);

  constructor(max: number, host: SeriesHost) {
    this.#max = max;
    this.#host = host;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Key and slot of each series. */
  entries(): Iterable<[key: number, slot: number]> {
    return this.#slots;
  }

  /** The slot of `key`, which is used at `nowUs`; -1 if there is none. */
  find(key: number, nowUs: number): number {
    const slot = this.#slots.get(key);
    if (slot === undefined) return -1;
    this.#usedAtUs[slot] = nowUs;
    return slot;
  }

  /** A new slot for `key`, or -1 if there are too many. */
  take(key: number, nowUs: number): number {
    if (this.#slots.size >= this.#max) return -1;
    const slot = this.#free.pop() ?? this.#fresh();
    this.#slots.set(key, slot);
    this.#usedAtUs[slot] = nowUs;
    return slot;
  }

  /** Gives up what was last used before `beforeUs`. */
  expire(beforeUs: number): void {
    for (const [key, slot] of this.#slots) {
      if (this.#usedAtUs[slot]! >= beforeUs) continue;
      this.#slots.delete(key);
      this.#free.push(slot);
      this.#host.expired(key, slot);
    }
  }

  /** Slots are used in order until one is given back, so as many are in use as there are series. */
  #fresh(): number {
    const slot = this.#slots.size;
    if (slot === this.#room) this.#grow();
    return slot;
  }

  #grow(): void {
    this.#room = Math.min(this.#max, Math.max(FIRST_SLOTS, 2 * this.#room));
    this.#usedAtUs = grown(this.#usedAtUs, this.#room);
    this.#host.grow(this.#room);
  }
}
