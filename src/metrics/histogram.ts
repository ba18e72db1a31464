import type { Buckets } from "./buckets.ts";
import { grown } from "./grown.ts";

/**
 * The histograms of one family in columns, one slot per series: counting is a search among a few bounds and two
 * additions, whatever the number of series. Each bucket counts its own; they are summed up when they are read.
 */
export class Histogram {
  readonly buckets: Buckets;
  #counts: Float64Array;
  #sumsUs: Float64Array;

  /** `slots` is how many series there is room for. */
  constructor(buckets: Buckets, slots: number) {
    this.buckets = buckets;
    this.#counts = new Float64Array(slots * buckets.count);
    this.#sumsUs = new Float64Array(slots);
  }

  /** Counts a duration in microseconds and returns its cell: a number of its own for each bucket of each slot. */
  observe(slot: number, us: number): number {
    const cell = this.cell(slot, this.buckets.indexOf(us));
    this.#counts[cell]!++;
    this.#sumsUs[slot]! += us;
    return cell;
  }

  cell(slot: number, bucket: number): number {
    return slot * this.buckets.count + bucket;
  }

  /** How many observations that bucket alone has. */
  count(slot: number, bucket: number): number {
    return this.#counts[this.cell(slot, bucket)]!;
  }

  sumUs(slot: number): number {
    return this.#sumsUs[slot]!;
  }

  /** Forgets what the slot has counted. */
  reset(slot: number): void {
    this.#counts.fill(0, this.cell(slot, 0), this.cell(slot + 1, 0));
    this.#sumsUs[slot] = 0;
  }

  /** Makes room for `slots` series in all. */
  grow(slots: number): void {
    this.#counts = grown(this.#counts, slots * this.buckets.count);
    this.#sumsUs = grown(this.#sumsUs, slots);
  }
}
