/** An encoded batch on its way. */
export interface QueuedBatch {
  readonly body: Uint8Array;
  readonly spans: number;
}

export interface QueueLimits {
  readonly maxSpans: number;
  readonly maxBytes: number;
}

/** Batches in the order they came, bounded in spans and in bytes. What does not fit is not taken. */
export class BatchQueue {
  readonly #limits: QueueLimits;
  readonly #batches: QueuedBatch[] = [];
  #spans = 0;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get spans(): number {
    return this.#spans;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get first(): QueuedBatch | undefined {
    return this.#batches[0];
  }

  /** True when a batch of so many spans may be taken, if it is not too large. An empty queue takes any number. */
  hasRoomFor(spans: number): boolean {
    return this.#spans === 0 || this.#spans + spans <= this.#limits.maxSpans;
  }

  /** Takes the batch, or says false. */
  push(batch: QueuedBatch): boolean {
    if (!this.hasRoomFor(batch.spans)) return false;
    if (this.#bytes + batch.body.length > this.#limits.maxBytes) return false;
    this.#batches.push(batch);
    this.#spans += batch.spans;
    this.#bytes += batch.body.length;
    return true;
  }

  /** Removes the first batch. */
  shift(): void {
    const batch = this.#batches.shift();
    if (batch === undefined) return;
    this.#spans -= batch.spans;
    this.#bytes -= batch.body.length;
  }

  /** Removes all, and says how many spans were in them. */
  clear(): number {
    const spans = this.#spans;
    this.#batches.length = 0;
    this.#spans = 0;
    this.#bytes = 0;
    return spans;
  }
}
