/** Lines on their way to a stream that may not take them: they wait in a bounded queue, nobody waits for them. */

/** A byte stream like Bun's FileSink: both give promises when the kernel did not take everything. */
export interface ByteSink {
  /** Does not keep `bytes`. */
  write(bytes: Uint8Array): unknown;
  flush(): unknown;
}

export interface LineQueueOptions {
  readonly sink: ByteSink;
  /** What stands in the stream behind `count` lines that are missing; may be empty. */
  readonly explainDropped: (count: number) => string;
}

const MAX_QUEUED_BYTES = 1024 * 1024;

/** Hands lines to the sink in batches, the next when the last is written. Beyond the bound lines are dropped. */
export class LineQueue {
  /** Lines that were not written, since the start. */
  dropped = 0;
  readonly #options: LineQueueOptions;
  #queued: Uint8Array[] = [];
  #queuedBytes = 0;
  #queuedLines = 0;
  /** How many of the dropped ones have been explained. */
  #explained = 0;
  #writing: Promise<unknown> | null = null;

  constructor(options: LineQueueOptions) {
    this.#options = options;
  }

  /** Takes lines with their line ends, all or none of them; `bytes` are the queue's from then on. */
  push(bytes: Uint8Array, lines = 1): void {
    if (this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
      this.dropped += lines;
      return;
    }
    this.#queued.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#queuedLines += lines;
    if (this.#writing === null) this.#write();
  }

  /** Waits until what was pushed is written, at most `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    const deadline = Bun.sleep(deadlineMs).then(() => true);
    while (this.#writing !== null) {
      if ((await Promise.race([this.#writing, deadline])) === true) return;
    }
  }

  #write(): void {
    if (this.dropped > this.#explained) this.#explainDropped();
    const bytes = this.#queued.length === 1 ? this.#queued[0]! : Buffer.concat(this.#queued);
    const lines = this.#queuedLines;
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#queuedLines = 0;
    const pending = this.#hand(bytes, lines);
    if (pending === null) return;
    const goOn = () => this.#written();
    this.#writing = pending.then(goOn, () => {
      this.dropped += lines;
      goOn();
    });
  }

  /** A full disk or a reader that has gone costs lines, never the caller. Bun reports it in any of three ways. */
  #hand(bytes: Uint8Array, lines: number): Promise<unknown> | null {
    const { sink } = this.#options;
    try {
      const results = [sink.write(bytes), sink.flush()];
      return results.some((result) => result instanceof Promise) ? Promise.all(results) : null;
    } catch {
      this.dropped += lines;
      return null;
    }
  }

  #explainDropped(): void {
    this.#queued.push(Buffer.from(this.#options.explainDropped(this.dropped - this.#explained)));
    this.#explained = this.dropped;
  }

  #written(): void {
    this.#writing = null;
    if (this.#queued.length > 0) this.#write();
  }
}
