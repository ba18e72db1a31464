import type { StoreOptions } from "../../trace/store.ts";
import { Sweeper } from "../../trace/sweeper.ts";

/** Longer values are neither read nor remembered. */
export const MAX_VALUE_BYTES = 4096;

/** Request id → routing value of the inbound request: how the value reaches the outbound requests that it causes. */
export interface RoutingValues {
  /** Maps `requestId` to `value`; the last put wins and its life begins anew. */
  put(requestId: string, value: string): void;
  /** The value of `requestId`; null when unknown or expired. */
  get(requestId: string): string | null;
  /** Ends what goes on in the background for good, for the end of the process; values stay readable. */
  stop(): void;
}

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Of ids and values together, one byte per character. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * What one event loop remembers. All values live equally long and a Map keeps the order of puts, so the first ones are
 * those that expire or go first.
 */
export class RoutingStore implements RoutingValues {
  readonly #options: StoreOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #nowMs: () => number;
  readonly #sweeper: Sweeper;
  #bytes = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#sweeper = new Sweeper(() => this.sweep(), options.sweepIntervalMs, options.timers);
  }

  get size(): number {
    return this.#entries.size;
  }

  put(requestId: string, value: string): void {
    const { expirationMs, maxEntries } = this.#options;
    this.#remove(requestId);
    const expiresAtMs = expirationMs > 0 ? this.#nowMs() + expirationMs : Number.POSITIVE_INFINITY;
    this.#entries.set(requestId, { value, expiresAtMs });
    this.#bytes += requestId.length + value.length;
    while (this.size > maxEntries || this.#bytes > MAX_BYTES) this.#evict();
    if (expirationMs > 0) this.#sweeper.arm();
  }

  get(requestId: string): string | null {
    const entry = this.#entries.get(requestId);
    return entry !== undefined && entry.expiresAtMs > this.#nowMs() ? entry.value : null;
  }

  /** Forgets what has expired, and tells whether anything is left. Runs by itself every sweep interval. */
  sweep(): boolean {
    const nowMs = this.#nowMs();
    for (const [requestId, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return true;
      this.#remove(requestId);
    }
    return false;
  }

  stop(): void {
    this.#sweeper.stop();
  }

  #evict(): void {
    this.#remove(this.#entries.keys().next().value!);
  }

  #remove(requestId: string): void {
    const entry = this.#entries.get(requestId);
    if (entry === undefined) return;
    this.#entries.delete(requestId);
    this.#bytes -= requestId.length + entry.value.length;
  }
}
