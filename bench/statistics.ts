/** What is known of a figure after several rounds. */
export interface Summary {
  readonly median: number;
  /** The middle half of all rounds lies between these. */
  readonly lower: number;
  readonly upper: number;
}

/** The summary of at least one value. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

/** The value below which the share `q` (0 to 1) of an ascending list lies, interpolated between its neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}

/** The fastest of many short rounds, because whatever else runs can only make one slower, and the middle one. */
export function fastest(rounds: readonly number[]): { readonly min: number; readonly median: number } {
  const sorted = rounds.toSorted((a, b) => a - b);
  return { min: sorted[0]!, median: quantile(sorted, 0.5) };
}

/**
 * `values[i] / references[i]` for every round: what slowed one down in a round slowed the other down too, so these
 * ratios are steadier than the ratio of the medians. The arrays are equally long.
 */
export function ratios(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => value / references[round]!);
}

/**
 * By how much the values rise (or fall) per step: the median slope between any two of them (Theil and Sen), which a
 * few wild ones do not move. 0 for fewer than two.
 */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((value, i) =>
    values.slice(0, i).map((before, j) => (value - before) / (i - j)),
  );
  return slopes.length === 0 ? 0 : summarize(slopes).median;
}

/** In which share of all pairs of values the later one is greater (Kendall): 0.5 for noise, 1 for what only rises. */
export function rising(values: readonly number[]): number {
  const pairs = values.flatMap((value, i) => values.slice(0, i).map((before) => value > before));
  return pairs.length === 0 ? 0 : pairs.filter(Boolean).length / pairs.length;
}
