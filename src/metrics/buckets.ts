const US_PER_SECOND = 1e6;

/** The upper bounds of a histogram's buckets. What exceeds the last has a bucket of its own, `+Inf`. */
export class Buckets {
  /** How many there are, `+Inf` included. */
  readonly count: number;
  /** The upper bound of each as the label `le` has it: seconds, always with a point, so that both formats agree. */
  readonly bounds: readonly Uint8Array[];
  readonly #boundsUs: Int32Array;

  /** `seconds` ascending, each a whole number of microseconds. */
  constructor(seconds: readonly number[]) {
    this.count = seconds.length + 1;
    this.bounds = [...seconds.map(formatBound), "+Inf"].map((text) => new Uint8Array(Buffer.from(text)));
    this.#boundsUs = Int32Array.from(seconds, (bound) => Math.round(bound * US_PER_SECOND));
  }

  /** The bucket of a duration in microseconds: the first whose bound it does not exceed. */
  indexOf(us: number): number {
    const bounds = this.#boundsUs;
    let i = 0;
    while (i < bounds.length && us > bounds[i]!) i++;
    return i;
  }
}

/** Always decimal: OpenMetrics wants `1.0`, and `2.5e-05` of one program is not the `0.000025` of another. */
function formatBound(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}.0` : seconds.toFixed(6).replace(/0+$/, "");
}

/** OpenTelemetry's advice for HTTP durations, and below 5 ms two more: calls within a cluster are that fast. */
export const REQUEST_BUCKETS = new Buckets([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]);

/** What we add ourselves is shorter. */
export const OVERHEAD_BUCKETS = new Buckets([
  0.000025, 0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05,
]);

/** How late the event loop is. Timers know milliseconds only. */
export const LAG_BUCKETS = new Buckets([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]);
