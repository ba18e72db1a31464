/**
 * A bounded table in memory that several event loops share, each in its own thread: key → a few 32-bit words. Nobody
 * waits for anybody.
 *
 * A slot is guarded by its sequence number: whoever writes makes it odd by compare-and-exchange, writes, and makes it
 * even again; whoever reads compares it before and after. All words are read and written by Atomics, which have one
 * order for all threads, so an equal, even sequence proves that what was read belongs together. A slot that is being
 * written counts as full for other writers, who take another one.
 *
 * A key is known by 64 bits of its hash (key-hash.ts). It leads to a set of eight slots; a new key takes one that is free
 * or has expired, else the one that was put longest ago. All live equally long, but for those that are held: they wait
 * for the end of something.
 */
import { KeyHash } from "./key-hash.ts";

/** Slots of one set. */
const WAYS = 8;

// Words of the memory before the first set.
const SEED_A = 0;
const SEED_B = 1;
const EVICTED = 2;
const FIRST_SET = 16;

// Words of a slot before its payload.
const SEQUENCE = 0;
const KEY_A = 1;
const KEY_B = 2;
/** When it was put: the lower 32 bits of the common clock's milliseconds. */
const PUT_AT = 3;
/** Zero as long as the slot was never used; else the words of the payload above the eight bits of the holder. */
const STATE = 4;
const PAYLOAD = 5;

const HOLDER_BITS = 8;
const HOLDER_MASK = (1 << HOLDER_BITS) - 1;
/**
 * Ages are differences of 32 bits. What was put longer ago than 2^31 ms counts as put in the future; so does, by less,
 * what a thread has put whose clock is a little ahead.
 */
const MAX_AHEAD_MS = 60_000;
const MAX_AGE_MS = 2 ** 31 - 1;
/** A writer that is suspended in its dozen of instructions is not waited for any longer. */
const MAX_TRIES = 64;
/** Counting all of a large table would hold up traffic. */
const MAX_SETS_COUNTED = 16_384;

export interface SharedTableOptions {
  /** What `allocate` made for the same number of payload words. */
  readonly memory: SharedArrayBuffer;
  readonly payloadWords: number;
  /** Life of an entry since it was last put; zero or less means it never expires. */
  readonly expirationMs: number;
  /** A clock that never goes back and is about the same in all threads. */
  readonly nowMs: () => number;
}

/** The holder of entries that nobody holds. */
export const NOBODY = 0;

/** Keys of it are texts. What is put by one thread is found by all from then on. */
export class SharedTable {
  readonly #words: Int32Array;
  readonly #sets: number;
  readonly #payloadWords: number;
  readonly #slotWords: number;
  readonly #expirationMs: number;
  readonly #nowMs: () => number;
  /** Of the key that is looked for. */
  readonly #key: KeyHash;
  /** Where `#choose` points, and what it saw there. */
  #chosen = 0;
  #chosenSequence = 0;
  #chosenIsLoss = false;

  /**
   * Memory for at least `entries`. It costs what is used of it. Random seeds are drawn here, so both ends of a table
   * agree on them.
   */
  static allocate(entries: number, payloadWords: number): SharedArrayBuffer {
    const sets = Math.ceil(entries / WAYS);
    const words = FIRST_SET + sets * WAYS * (PAYLOAD + payloadWords);
    const memory = new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(memory).set(crypto.getRandomValues(new Int32Array(2)), SEED_A);
    return memory;
  }

  constructor({ memory, payloadWords, expirationMs, nowMs }: SharedTableOptions) {
    this.#words = new Int32Array(memory);
    this.#key = new KeyHash(this.#words[SEED_A]!, this.#words[SEED_B]!);
    this.#payloadWords = payloadWords;
    this.#slotWords = PAYLOAD + payloadWords;
    this.#sets = Math.floor((this.#words.length - FIRST_SET) / (WAYS * this.#slotWords));
    this.#expirationMs = expirationMs;
    this.#nowMs = nowMs;
  }

  /** Entries lost before their time, in all threads. */
  get evicted(): number {
    return Atomics.load(this.#words, EVICTED) >>> 0;
  }

  /** How many entries are alive; of a large table an estimate. */
  get size(): number {
    const step = Math.ceil(this.#sets / MAX_SETS_COUNTED);
    const nowMs = this.#nowMs() | 0;
    let alive = 0;
    let counted = 0;
    for (let set = 0; set < this.#sets; set += step) {
      counted++;
      for (let way = 0; way < WAYS; way++) if (this.#isAlive(this.#slot(set, way), nowMs)) alive++;
    }
    return Math.round((alive * this.#sets) / counted);
  }

  /**
   * Maps `key` to the first `length` words of `payload`; the last put wins and its life begins anew. While `holder`, 1
   * to 255, holds it, it does not expire; `NOBODY` lets go of it. Should all its places be taken by writers that do not
   * go on, it is lost at once.
   */
  put(key: string, payload: Int32Array, length: number, holder = NOBODY): void {
    this.#key.take(key);
    const nowMs = this.#nowMs() | 0;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (!this.#choose(nowMs) || !this.#lock()) continue;
      if (this.#chosenIsLoss) Atomics.add(this.#words, EVICTED, 1);
      this.#write(payload, length, holder, nowMs);
      return;
    }
    Atomics.add(this.#words, EVICTED, 1);
  }

  /** Copies the payload of `key` to the start of `into`. Returns how many words it has; 0 when unknown or expired. */
  get(key: string, into: Int32Array): number {
    this.#key.take(key);
    const nowMs = this.#nowMs() | 0;
    const set = this.#set();
    for (let way = 0; way < WAYS; way++) {
      const length = this.#read(this.#slot(set, way), into, nowMs);
      if (length > 0) return length;
    }
    return 0;
  }

  /** What `holder` holds expires from now on: it is gone, and nothing will end for it. */
  release(holder: number): void {
    const nowMs = this.#nowMs() | 0;
    for (let set = 0; set < this.#sets; set++) {
      for (let way = 0; way < WAYS; way++) this.#release(this.#slot(set, way), holder, nowMs);
    }
  }

  #set(): number {
    return (this.#key.a >>> 0) % this.#sets;
  }

  #slot(set: number, way: number): number {
    return FIRST_SET + (set * WAYS + way) * this.#slotWords;
  }

  #read(at: number, into: Int32Array, nowMs: number): number {
    const words = this.#words;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const before = Atomics.load(words, at + SEQUENCE);
      if (!this.#isKey(at)) return 0;
      const isAlive = this.#isAlive(at, nowMs);
      const length = Math.min(Atomics.load(words, at + STATE) >>> HOLDER_BITS, this.#payloadWords);
      for (let i = 0; i < length; i++) into[i] = Atomics.load(words, at + PAYLOAD + i);
      const isWhole = (before & 1) === 0 && Atomics.load(words, at + SEQUENCE) === before;
      if (isWhole) return isAlive ? length : 0;
    }
    return 0;
  }

  /** The slot that has the key, else the best one to take. False if all are being written. */
  #choose(nowMs: number): boolean {
    const words = this.#words;
    const first = this.#slot(this.#set(), 0);
    let oldestMs = -1;
    for (let at = first; at < first + WAYS * this.#slotWords; at += this.#slotWords) {
      const sequence = Atomics.load(words, at + SEQUENCE);
      if ((sequence & 1) !== 0) continue;
      if (this.#isKey(at)) return this.#see(at, sequence, false);
      const isLoss = this.#isAlive(at, nowMs);
      const ageMs = isLoss ? this.#ageMs(at, nowMs) : MAX_AGE_MS;
      if (ageMs <= oldestMs) continue;
      oldestMs = ageMs;
      this.#see(at, sequence, isLoss);
    }
    return oldestMs !== -1;
  }

  #see(at: number, sequence: number, isLoss: boolean): true {
    this.#chosen = at;
    this.#chosenSequence = sequence;
    this.#chosenIsLoss = isLoss;
    return true;
  }

  /** True if the chosen slot is as it was seen and ours to write now. */
  #lock(): boolean {
    const seen = this.#chosenSequence;
    return Atomics.compareExchange(this.#words, this.#chosen + SEQUENCE, seen, (seen + 1) | 0) === seen;
  }

  #unlock(): void {
    Atomics.store(this.#words, this.#chosen + SEQUENCE, (this.#chosenSequence + 2) | 0);
  }

  #write(payload: Int32Array, length: number, holder: number, nowMs: number): void {
    const words = this.#words;
    const at = this.#chosen;
    Atomics.store(words, at + KEY_A, this.#key.a);
    Atomics.store(words, at + KEY_B, this.#key.b);
    this.#writeState(at, (length << HOLDER_BITS) | holder, nowMs);
    for (let i = 0; i < length; i++) Atomics.store(words, at + PAYLOAD + i, payload[i]!);
    this.#unlock();
  }

  #writeState(at: number, state: number, nowMs: number): void {
    const words = this.#words;
    Atomics.store(words, at + PUT_AT, nowMs);
    Atomics.store(words, at + STATE, state);
  }

  #release(at: number, holder: number, nowMs: number): void {
    const sequence = Atomics.load(this.#words, at + SEQUENCE);
    const state = Atomics.load(this.#words, at + STATE);
    if ((state & HOLDER_MASK) !== holder || (sequence & 1) !== 0) return;
    this.#chosen = at;
    this.#chosenSequence = sequence;
    if (!this.#lock()) return;
    this.#writeState(at, state & ~HOLDER_MASK, nowMs);
    this.#unlock();
  }

  #isKey(at: number): boolean {
    const words = this.#words;
    return Atomics.load(words, at + KEY_A) === this.#key.a && Atomics.load(words, at + KEY_B) === this.#key.b;
  }

  #isAlive(at: number, nowMs: number): boolean {
    const state = Atomics.load(this.#words, at + STATE);
    if (state === 0) return false;
    if ((state & HOLDER_MASK) !== NOBODY || this.#expirationMs <= 0) return true;
    const ageMs = (nowMs - Atomics.load(this.#words, at + PUT_AT)) | 0;
    return ageMs < this.#expirationMs && ageMs > -MAX_AHEAD_MS;
  }

  /** Not negative. */
  #ageMs(at: number, nowMs: number): number {
    return Math.max(0, (nowMs - Atomics.load(this.#words, at + PUT_AT)) | 0);
  }
}
