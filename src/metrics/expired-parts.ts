/**
 * Keeps the sums over several event loops from falling. Each gives up by itself the series that nothing was counted in
 * for a while (series.ts). As long as another one has such a series, what was given up stays in the sum: whoever reads a
 * counter that falls takes that for a restart, and counts all that is left of it once more.
 */
import { keepCounters, type Samples, select } from "./merge.ts";

const NONE: Samples = new Map();

export class ExpiredParts {
  /** By event loop, as of the last sum. */
  readonly #before: Samples[] = [];
  #kept = NONE;

  /** What belongs to the sum of `now` besides; event loops come in the same order each time. */
  of(now: readonly Samples[]): Samples {
    const isCounted = (family: string, key: string) => now.some((each) => has(each, family, key));
    const expired = this.#before.map((before, i) =>
      select(before, (family, key) => !has(now[i]!, family, key)),
    );
    this.#kept = [this.#kept, ...expired].map((part) => select(part, isCounted)).reduce(keepCounters, NONE);
    this.#before.splice(0, Number.POSITIVE_INFINITY, ...now);
    return this.#kept;
  }

  /** The event loop at this place is gone: what it had counted is kept elsewhere. */
  forget(place: number): void {
    if (place < this.#before.length) this.#before[place] = NONE;
  }
}

function has(samples: Samples, family: string, key: string): boolean {
  return samples.get(family)?.values.has(key) === true;
}
