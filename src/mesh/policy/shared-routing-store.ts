import { SharedTable, type SharedTableOptions } from "../../trace/shared-table.ts";
import { MAX_VALUE_BYTES, type RoutingValues } from "./routing-store.ts";

const CHARS_PER_WORD = 4;
/** The number of characters, and the longest value that is read. */
const WORDS = 1 + MAX_VALUE_BYTES / CHARS_PER_WORD;
/** 16 MiB, as much as one event loop remembers. */
const MAX_ENTRIES = 4096;

/**
 * Request id → routing value for several event loops. A character of a value is a byte of a head, so four of them are
 * a word.
 */
export class SharedRoutingStore implements RoutingValues {
  readonly #table: SharedTable;
  readonly #words = new Int32Array(WORDS);
  readonly #bytes = Buffer.from(this.#words.buffer);

  /** Memory for `maxEntries`, 4096 at most, to be shared. */
  static allocate(maxEntries: number): SharedArrayBuffer {
    return SharedTable.allocate(Math.min(maxEntries, MAX_ENTRIES), WORDS);
  }

  constructor(options: Omit<SharedTableOptions, "payloadWords">) {
    this.#table = new SharedTable({ ...options, payloadWords: WORDS });
  }

  put(requestId: string, value: string): void {
    this.#words[0] = value.length;
    this.#bytes.write(value, Int32Array.BYTES_PER_ELEMENT, "latin1");
    this.#table.put(requestId, this.#words, 1 + Math.ceil(value.length / CHARS_PER_WORD));
  }

  get(requestId: string): string | null {
    if (this.#table.get(requestId, this.#words) === 0) return null;
    const start = Int32Array.BYTES_PER_ELEMENT;
    return this.#bytes.toString("latin1", start, start + this.#words[0]!);
  }

  /** Nothing goes on in the background. */
  stop(): void {}
}
