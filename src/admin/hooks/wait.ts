import { type Address, formatAddress } from "../../address.ts";
import type { ask, Reply } from "./ask.ts";

const POLL_MS = 200;

export interface WaitOptions {
  /** The metrics port. */
  readonly at: Address;
  readonly timeoutMs: number;
  readonly ask: typeof ask;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Asks until the sidecar is ready. Null then, or what is the matter once the time is up. */
export async function waitUntilReady({
  at,
  timeoutMs,
  ask,
  nowMs,
  sleep,
}: WaitOptions): Promise<string | null> {
  const deadlineMs = nowMs() + timeoutMs;
  for (;;) {
    const reply = await ask(at, "GET", "/ready");
    if (reply?.status === 200) return null;
    if (nowMs() >= deadlineMs) return `not ready after ${timeoutMs} ms: ${explain(at, reply)}`;
    await sleep(POLL_MS);
  }
}

function explain(at: Address, reply: Reply | null): string {
  if (reply === null) return `nothing answers at ${formatAddress(at)}`;
  return `${formatAddress(at)} says ${reply.status} ${reply.body.split("\n", 1)[0]}`;
}
