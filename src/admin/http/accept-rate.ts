const SECOND_MS = 1000;
/** Addresses that are counted; more in one second are all strangers, and refused. */
const MAX_ADDRESSES = 1000;

/**
 * At most so many connections per second and address: whoever floods a port uses up his own share, not that of the
 * kubelet or of Prometheus.
 */
export class AcceptRate {
  readonly #mostPerSecond: number;
  readonly #nowMs: () => number;
  readonly #accepted = new Map<string, number>();
  #secondEndsAtMs = 0;

  /** `nowMs` is a clock that never goes back. */
  constructor(mostPerSecond: number, nowMs: () => number) {
    this.#mostPerSecond = mostPerSecond;
    this.#nowMs = nowMs;
  }

  /** Counts a connection from `ip`; false if it is one too many. */
  admit(ip: string): boolean {
    const nowMs = this.#nowMs();
    if (nowMs >= this.#secondEndsAtMs) {
      this.#accepted.clear();
      this.#secondEndsAtMs = nowMs + SECOND_MS;
    }
    const count = this.#accepted.get(ip) ?? 0;
    if (count >= this.#mostPerSecond || (count === 0 && this.#accepted.size === MAX_ADDRESSES)) return false;
    this.#accepted.set(ip, count + 1);
    return true;
  }
}
