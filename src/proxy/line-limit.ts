const QUIET_MS = 10_000;

interface Recent {
  until: number;
  suppressed: number;
}

/** Keeps what peers can provoke from filling the log: one line of each kind in ten seconds, with a count of the rest. */
export class LineLimit {
  private readonly recent = new Map<string, Recent>();

  /** `now` is a monotonic clock in milliseconds. */
  constructor(private readonly now: () => number) {}

  /** The line to log, or null if one of this kind was let through just now. */
  admit(kind: string, line: string): string | null {
    const now = this.now();
    const last = this.recent.get(kind);
    if (last !== undefined && now < last.until) {
      last.suppressed++;
      return null;
    }
    this.recent.set(kind, { until: now + QUIET_MS, suppressed: 0 });
    return last === undefined || last.suppressed === 0 ? line : `${line} (and ${last.suppressed} more since)`;
  }
}
