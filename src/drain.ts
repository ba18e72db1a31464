/** How long to wait before ending: the application may still need its connections, in and out. */
export interface DrainOptions {
  /** Nothing ends before this, so that the last callers find somebody. */
  readonly graceMs: number;
  /** Everything ends at this. */
  readonly timeoutMs: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Ends the wait at once. */
  readonly hurry: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const POLL_MS = 50;

/** Resolves when the grace has passed and nothing is open, or at the timeout, or when hurried. */
export async function drain(options: DrainOptions): Promise<void> {
  const { graceMs, timeoutMs, open, hurry, now = () => performance.now(), sleep = Bun.sleep } = options;
  const startedAt = now();
  for (;;) {
    const waitedMs = now() - startedAt;
    const done = waitedMs >= graceMs && open() === 0;
    if (done || waitedMs >= timeoutMs || hurry.aborted) return;
    await sleep(POLL_MS);
  }
}
