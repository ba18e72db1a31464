import type { ConnectionObserver } from "../proxy/handler.ts";

const OPEN = 0;
const OPENED = 1;
const WORDS = 2;

/** Connections of one event loop. */
export interface LoopFigures {
  readonly open: number;
  readonly opened: number;
}

/** Where each event loop says how many connections it has, for all to see at any time. */
export class Board {
  readonly #words: Int32Array;

  /** Memory for the event loops 1 to `loops`, to be shared. */
  static allocate(loops: number): SharedArrayBuffer {
    return new SharedArrayBuffer(loops * WORDS * Int32Array.BYTES_PER_ELEMENT);
  }

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Connections open now, in all event loops. */
  get open(): number {
    return this.loops.reduce((sum, { open }) => sum + open, 0);
  }

  /** The event loops, the first one first. `opened` counts on when a worker is started again. */
  get loops(): readonly LoopFigures[] {
    return Array.from({ length: this.#words.length / WORDS }, (_, i) => ({
      open: Atomics.load(this.#words, i * WORDS + OPEN),
      opened: Atomics.load(this.#words, i * WORDS + OPENED) >>> 0,
    }));
  }

  /** Counts for the event loop with this number. */
  observer(number: number): ConnectionObserver {
    const at = (number - 1) * WORDS;
    return {
      opened: () => {
        Atomics.add(this.#words, at + OPEN, 1);
        Atomics.add(this.#words, at + OPENED, 1);
      },
      connected: () => {},
      closed: () => void Atomics.sub(this.#words, at + OPEN, 1),
    };
  }

  /** The event loop with this number is gone, with all its connections. */
  clear(number: number): void {
    Atomics.store(this.#words, (number - 1) * WORDS + OPEN, 0);
  }
}
