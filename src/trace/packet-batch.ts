import type { Batch } from "./batch.ts";
import { NO_ROOM, type Packet } from "./packet.ts";
import type { Span } from "./span.ts";

/** Writes a span at `at` and returns the position after it, or NO_ROOM; what is behind `at` is then of no value. */
export type SpanWriter = (packet: Packet, at: number, span: Span) => number;

/** What a message has besides its spans, and how large it may become. */
export interface PacketLayout {
  /** Kept free for what stands before the spans, at most. */
  readonly beforeBytes: number;
  /** What follows the spans. */
  readonly behindBytes: number;
  /** Of the whole message. */
  readonly maxBytes: number;
  readonly spansMax: number;
}

/** Behind the limit, because span writers want room for the worst case before they write. */
const SLACK_BYTES = 256;

/**
 * A batch that encodes its spans one behind the other into one buffer for the life of the process. A format adds what
 * stands around them in `message`; nothing is ever moved.
 */
export abstract class PacketBatch implements Batch {
  protected readonly packet: Packet;
  /** Where the first span begins. */
  protected readonly first: number;
  /** Where the last one ends. */
  protected end: number;
  readonly #writeSpan: SpanWriter;
  readonly #spansMax: number;
  readonly #limit: number;
  #count = 0;

  constructor(writeSpan: SpanWriter, { beforeBytes, behindBytes, maxBytes, spansMax }: PacketLayout) {
    this.#writeSpan = writeSpan;
    this.#spansMax = spansMax;
    this.#limit = Math.max(beforeBytes, maxBytes - behindBytes);
    const bytes = new Uint8Array(this.#limit + behindBytes + SLACK_BYTES);
    this.packet = { bytes, view: new DataView(bytes.buffer) };
    this.first = beforeBytes;
    this.end = beforeBytes;
  }

  get count(): number {
    return this.#count;
  }

  add(span: Span): boolean {
    if (this.#count === this.#spansMax) return false;
    const end = this.#writeSpan(this.packet, this.end, span);
    if (end === NO_ROOM || end > this.#limit) return false;
    this.end = end;
    this.#count++;
    return true;
  }

  abstract message(): Uint8Array;

  clear(): void {
    this.#count = 0;
    this.end = this.first;
  }
}
