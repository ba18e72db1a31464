/** Lines on their way to a stream that may not take them: they wait in a bounded queue, nobody waits for them. */

/** A byte stream like Bun's FileSink: `flush` gives a promise when the kernel did not take everything. */
export interface ByteSink {
  write(text: string): unknown;
  flush(): unknown;
}

export interface LineQueueOptions {
  readonly sink: ByteSink;
  /** What stands in the stream where `count` lines were dropped; may be empty. */
  readonly explainDropped: (count: number) => string;
  /** How long a line may wait for others to be written with; 0: not at all. */
  readonly delayMs: number;
}

const MAX_QUEUED_CHARS = 1024 * 1024;
/** As much as a pipe takes at once: nothing is gained by waiting for more. */
const BATCH_CHARS = 64 * 1024;

/** Hands lines to the sink in batches, the next when the last is written. Beyond the bound lines are dropped. */
export class LineQueue {
  /** Lines that were not written, since the start. */
  dropped = 0;
  readonly #options: LineQueueOptions;
  #queued: string[] = [];
  #queuedChars = 0;
  /** How many of the dropped ones have been explained. */
  #explained = 0;
  #timer: Timer | null = null;
  #writing: Promise<unknown> | null = null;

  constructor(options: LineQueueOptions) {
    this.#options = options;
  }

  /** Takes a line with its line end. */
  push(line: string): void {
    if (this.#queuedChars + line.length > MAX_QUEUED_CHARS) {
      this.dropped++;
      return;
    }
    this.#queued.push(line);
    this.#queuedChars += line.length;
    if (this.#writing !== null) return;
    if (this.#options.delayMs === 0 || this.#queuedChars >= BATCH_CHARS) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), this.#options.delayMs);
  }

  /** Waits until what was pushed is written, at most `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#writing === null && this.#queued.length > 0) this.#write();
    const deadline = Bun.sleep(deadlineMs).then(() => true);
    while (this.#writing !== null) {
      if ((await Promise.race([this.#writing, deadline])) === true) return;
    }
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.dropped > this.#explained) this.#explainDropped();
    const lines = this.#queued;
    this.#queued = [];
    this.#queuedChars = 0;
    const flushed = this.#flush(lines);
    if (!(flushed instanceof Promise)) return;
    const written = () => this.#written();
    this.#writing = flushed.then(written, written);
  }

  /** A full disk or a reader that has gone costs lines, never the caller. */
  #flush(lines: readonly string[]): unknown {
    try {
      this.#options.sink.write(lines.join(""));
      return this.#options.sink.flush();
    } catch {
      this.dropped += lines.length;
      this.#explained = this.dropped;
      return null;
    }
  }

  #explainDropped(): void {
    this.#queued.push(this.#options.explainDropped(this.dropped - this.#explained));
    this.#explained = this.dropped;
  }

  #written(): void {
    this.#writing = null;
    if (this.#queued.length > 0) this.#write();
  }
}
