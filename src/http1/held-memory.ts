/**
 * The memory that incomplete heads take, of all connections of this thread together. One head is bounded by its own
 * limits, but a peer may begin a head on each of thousands of connections and end none.
 */
const MAX_BYTES = 8 * 1024 * 1024;

let total = 0;

/** Takes `bytes`; false, and takes nothing, if all heads together would have more than they may. */
export function takeHeldMemory(bytes: number): boolean {
  if (bytes > 0 && total + bytes > MAX_BYTES) return false;
  total += bytes;
  return true;
}

/** Gives back what was taken. */
export function giveBackHeldMemory(bytes: number): void {
  total -= bytes;
}
