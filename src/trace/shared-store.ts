import { SpanContext } from "./context.ts";
import { CONTEXT_WORDS, readContext, writeContext } from "./context-columns.ts";
import { SharedTable, type SharedTableOptions } from "./shared-table.ts";
import type { Contexts } from "./store.ts";

export interface SharedStoreOptions extends Omit<SharedTableOptions, "payloadWords"> {
  /** The number of this event loop, from 1. */
  readonly holder: number;
}

/**
 * Request id → context of the server span, for several event loops: the inbound request may be on one, the outbound one
 * on another. So it also has the requests that are not over.
 */
export class SharedContextStore implements Contexts {
  readonly #table: SharedTable;
  readonly #holder: number;
  readonly #words = new Int32Array(CONTEXT_WORDS);
  readonly #found = new SpanContext();

  /** Memory for `maxEntries`, to be shared. */
  static allocate(maxEntries: number): SharedArrayBuffer {
    return SharedTable.allocate(maxEntries, CONTEXT_WORDS);
  }

  constructor(options: SharedStoreOptions) {
    this.#table = new SharedTable({ ...options, payloadWords: CONTEXT_WORDS });
    this.#holder = options.holder;
  }

  get size(): number {
    return this.#table.size;
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  hold(key: string, context: SpanContext): void {
    writeContext(this.#words, 0, context);
    this.#table.put(key, this.#words, CONTEXT_WORDS, this.#holder);
  }

  put(key: string, context: SpanContext): void {
    writeContext(this.#words, 0, context);
    this.#table.put(key, this.#words, CONTEXT_WORDS);
  }

  get(key: string): SpanContext | null {
    if (this.#table.get(key, this.#words) === 0) return null;
    readContext(this.#words, 0, this.#found);
    return this.#found;
  }

  /** The event loop with this number is gone, with all its requests. */
  release(holder: number): void {
    this.#table.release(holder);
  }

  /** Nothing goes on in the background. */
  stop(): void {}
}
