import { type Address, formatAddress } from "../../address.ts";
import type { ask } from "./ask.ts";

const POLL_MS = 200;
/** It is gone if it does not answer so many times in a row; once may be a moment in which it is busy. */
const MISSES_MAX = 3;

export interface DrainHookOptions {
  /** The profiling port. */
  readonly at: Address;
  readonly ask: typeof ask;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Makes the sidecar drain and waits until that is over: the sidecar bounds the time, or a signal meanwhile ends it.
 * Null then, or what is the matter.
 */
export async function drainAndWait({ at, ask, sleep }: DrainHookOptions): Promise<string | null> {
  const begun = await ask(at, "POST", "/drain");
  if (begun === null) return `nothing answers at ${formatAddress(at)}`;
  if (begun.status !== 200) return `${formatAddress(at)} says ${begun.status} ${begun.body}`;
  let reply: typeof begun | null = begun;
  let misses = 0;
  while (misses < MISSES_MAX) {
    if (reply?.body.startsWith("draining: over")) return null;
    await sleep(POLL_MS);
    reply = await ask(at, "GET", "/drain");
    misses = reply === null ? misses + 1 : 0;
  }
  return null;
}
