import { SpanContext } from "./context.ts";
import { ContextColumns } from "./context-columns.ts";
import { SlotIndex } from "./slot-index.ts";
import { NO_SLOT, SlotQueue } from "./slot-queue.ts";
import { Sweeper } from "./sweeper.ts";
import type { Timers } from "./timers.ts";

export interface StoreOptions {
  /** Life of a mapping since it was last put; zero or less means it never expires. */
  readonly expirationMs: number;
  /** Time between two sweeps of expired mappings. */
  readonly sweepIntervalMs: number;
  /** Above it the oldest mappings go. */
  readonly maxEntries: number;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
  readonly timers?: Timers;
}

/** Request id → context of the server span: how an outbound request finds the inbound one that caused it. */
export interface Contexts {
  /** How many are remembered. */
  readonly size: number;
  /** How many were forgotten before their time. */
  readonly evicted: number;
  /** An inbound request with this context has begun, and is not forgotten before `put`. */
  hold(key: string, context: SpanContext): void;
  /** Maps `key` to a copy of `context`; the last put wins and its life begins anew. */
  put(key: string, context: SpanContext): void;
  /** The context of `key`, valid until the next call of anything here; null when unknown or expired. */
  get(key: string): SpanContext | null;
  /** Ends what goes on in the background for good, for the end of the process; mappings stay readable. */
  stop(): void;
}

const FIRST_SLOTS = 256;

/**
 * What one event loop remembers: the only state that its connections share.
 *
 * All mappings live equally long, so the order of puts is the order of expiry: sweeping and evicting only ever look at
 * the oldest.
 */
export class ContextStore implements Contexts {
  /** Mappings lost to `maxEntries`. */
  evicted = 0;
  readonly #index: SlotIndex;
  readonly #expirationMs: number;
  readonly #maxEntries: number;
  readonly #nowMs: () => number;
  readonly #sweeper: Sweeper;
  readonly #found = new SpanContext();
  #slots: number;
  readonly #queue: SlotQueue;
  readonly #contexts: ContextColumns;
  #expiresAtMs: Float64Array;

  constructor(options: StoreOptions) {
    this.#expirationMs = options.expirationMs;
    this.#maxEntries = Math.max(1, options.maxEntries);
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#sweeper = new Sweeper(() => this.sweep(), options.sweepIntervalMs, options.timers);
    this.#slots = Math.min(FIRST_SLOTS, this.#maxEntries);
    this.#index = new SlotIndex(this.#slots);
    this.#queue = new SlotQueue(this.#slots);
    this.#contexts = new ContextColumns(this.#slots);
    this.#expiresAtMs = new Float64Array(this.#slots);
  }

  get size(): number {
    return this.#index.size;
  }

  /** Nothing to do: the one event loop knows its own requests. */
  hold(): void {}

  put(key: string, context: SpanContext): void {
    let slot = this.#index.find(key);
    if (slot === NO_SLOT) slot = this.#insert();
    else this.#queue.renew(slot);
    this.#contexts.write(slot, context);
    if (this.#expirationMs <= 0) return;
    this.#expiresAtMs[slot] = this.#nowMs() + this.#expirationMs;
    this.#sweeper.arm();
  }

  get(key: string): SpanContext | null {
    const slot = this.#index.find(key);
    if (slot === NO_SLOT || this.#expired(slot, this.#nowMs())) return null;
    this.#contexts.read(slot, this.#found);
    return this.#found;
  }

  /** Forgets what has expired, and tells whether anything is left. Runs by itself every sweep interval. */
  sweep(): boolean {
    const nowMs = this.#nowMs();
    for (let slot = this.#queue.oldest; slot !== NO_SLOT; slot = this.#queue.oldest) {
      if (!this.#expired(slot, nowMs)) return true;
      this.#remove(slot);
    }
    return false;
  }

  stop(): void {
    this.#sweeper.stop();
  }

  #expired(slot: number, nowMs: number): boolean {
    return this.#expirationMs > 0 && this.#expiresAtMs[slot]! <= nowMs;
  }

  /** A slot for the key that was not found. */
  #insert(): number {
    let slot = this.#queue.take();
    if (slot === NO_SLOT) {
      this.#makeRoom();
      slot = this.#queue.take();
    }
    this.#index.add(slot);
    return slot;
  }

  #makeRoom(): void {
    if (this.#slots === this.#maxEntries) {
      this.#remove(this.#queue.oldest);
      this.evicted++;
      return;
    }
    this.#slots = Math.min(2 * this.#slots, this.#maxEntries);
    this.#index.grow(this.#slots);
    this.#queue.grow(this.#slots);
    this.#contexts.grow(this.#slots);
    const grown = new Float64Array(this.#slots);
    grown.set(this.#expiresAtMs);
    this.#expiresAtMs = grown;
  }

  #remove(slot: number): void {
    this.#index.remove(slot);
    this.#queue.free(slot);
  }
}
