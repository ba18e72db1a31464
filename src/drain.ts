/** The end of a sidecar's service: it is no longer ready, but goes on for those who still need their connections. */
export interface DrainOptions {
  /** Nothing ends before this, so that the last callers find somebody. */
  readonly graceMs: number;
  /** Everything ends at this. */
  readonly timeoutMs: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** A clock that never goes back. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const POLL_MS = 50;

/**
 * One drain per process. Grace and timeout count from when it was first asked for, whoever asks again: a hook asks
 * before the signal comes, and the time that the hook has waited is not waited twice.
 */
export class Drain {
  readonly #options: Required<DrainOptions>;
  #beganAtMs: number | null = null;

  constructor(options: DrainOptions) {
    this.#options = { now: () => performance.now(), sleep: Bun.sleep, ...options };
  }

  get hasBegun(): boolean {
    return this.#beganAtMs !== null;
  }

  /** The grace has passed and nothing is open, or it took as long as it may. */
  get isOver(): boolean {
    if (this.#beganAtMs === null) return false;
    const { graceMs, timeoutMs, open, now } = this.#options;
    const waitedMs = now() - this.#beganAtMs;
    return waitedMs >= timeoutMs || (waitedMs >= graceMs && open() === 0);
  }

  /** Begins it, unless it has begun. */
  begin(): void {
    this.#beganAtMs ??= this.#options.now();
  }

  /** Resolves when it is over, or when `hurry` is aborted. */
  async over(hurry: AbortSignal): Promise<void> {
    while (!this.isOver && !hurry.aborted) await this.#options.sleep(POLL_MS);
  }
}
