/** Transmits encoded batches. Nothing here throws or waits: tracing may fail, traffic may not. */
export interface Sender {
  /**
   * Takes one encoded batch of so many spans; its memory is only valid during the call. False means the batch is lost.
   * The sender says in the log what is lost, now or later, at most once per interval.
   */
  send(batch: Uint8Array, spans: number): boolean;
  /** Resolves as soon as `send` has a chance, or after `deadlineMs`. */
  ready(deadlineMs: number): Promise<void>;
  /** Gives what it has taken and not sent yet until `deadlineMs`, then ends. */
  close(deadlineMs: number): Promise<void>;
}
