import { processTimers, type Timers } from "../../trace/timers.ts";

export interface RoutingStoreOptions {
  /** Life of a value since it was last put; zero or less means it never expires. */
  readonly expirationMs: number;
  /** Time between two sweeps of expired values. */
  readonly sweepIntervalMs: number;
  /** Above it the oldest values go. */
  readonly maxEntries: number;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
  readonly timers?: Timers;
}

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

const MIN_SWEEP_MS = 10;
/** Of ids and values together, one byte per character. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * What one event loop remembers. All values live equally long and a Map keeps the order of puts, so the first ones are
 * those that expire or go first.
 */
export class RoutingStore implements RoutingValues {
  /** Values lost to a bound. */
  evicted = 0;
  readonly #options: RoutingStoreOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #nowMs: () => number;
  #bytes = 0;
  #cancelSweep: (() => void) | null = null;
  readonly #sweepDue = (): void => {
    this.#cancelSweep = null;
    this.sweep();
    if (this.size > 0) this.#armSweep();
  };

  constructor(options: RoutingStoreOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
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
    if (expirationMs > 0 && this.#cancelSweep === null) this.#armSweep();
  }

  get(requestId: string): string | null {
    const entry = this.#entries.get(requestId);
    return entry !== undefined && entry.expiresAtMs > this.#nowMs() ? entry.value : null;
  }

  /** Forgets what has expired. Runs by itself every sweep interval. */
  sweep(): void {
    const nowMs = this.#nowMs();
    for (const [requestId, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return;
      this.#remove(requestId);
    }
  }

  stop(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = () => {};
  }

  #evict(): void {
    this.#remove(this.#entries.keys().next().value!);
    this.evicted++;
  }

  #remove(requestId: string): void {
    const entry = this.#entries.get(requestId);
    if (entry === undefined) return;
    this.#entries.delete(requestId);
    this.#bytes -= requestId.length + entry.value.length;
  }

  #armSweep(): void {
    const { timers = processTimers, sweepIntervalMs } = this.#options;
    this.#cancelSweep = timers.after(Math.max(MIN_SWEEP_MS, sweepIntervalMs), this.#sweepDue);
  }
}
