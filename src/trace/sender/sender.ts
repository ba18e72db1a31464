/** Transmits encoded batches. Nothing here throws or waits: tracing may fail, traffic may not. */
export interface Sender {
  /**
   * Sends one encoded batch; its memory is only valid during the call. False means the batch is lost. The sender has
   * said so in the log, at most once per interval.
   */
  send(batch: Uint8Array): boolean;
  /** Resolves as soon as `send` has a chance, or after `deadlineMs`. */
  ready(deadlineMs: number): Promise<void>;
  close(): void;
}
