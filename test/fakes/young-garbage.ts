import { edenGC, fullGC, heapStats } from "bun:jsc";

const AT_A_TIME = 64;
const COLLECTIONS = 20;
const BETWEEN = 1000;

/** What `youngGarbage` may find at most: who was there when the young were collected, and a few that are on the stack. */
export const MOST_YOUNG_GARBAGE = COLLECTIONS * (AT_A_TIME + 16);

const noBytes = new ArrayBuffer(0);

/**
 * Lets 20,000 objects come and go, 64 at a time, while the young are collected again and again, but not the old. Returns
 * how many are still there: more than `MOST_YOUNG_GARBAGE` if those who left are tied to those who come.
 */
export function youngGarbage<T extends object>(make: () => T, come: (one: T) => void, go: (one: T) => void) {
  const present: T[] = [];
  const next = () => {
    // A type that nobody else makes so many of, to be counted by.
    const one = Object.assign(make(), { mark: new DataView(noBytes) });
    come(one);
    present.push(one);
    if (present.length > AT_A_TIME) go(present.shift()!);
  };
  for (let i = 0; i < BETWEEN; i++) next();
  fullGC();
  const before = views();
  for (let i = 0; i < COLLECTIONS * BETWEEN; i++) {
    next();
    if (i % BETWEEN === 0) edenGC();
  }
  edenGC();
  return views() - before;
}

function views(): number {
  return heapStats().objectTypeCounts.DataView ?? 0;
}
