import { describe, expect, test } from "bun:test";
import { Drain } from "../src/drain.ts";

/** Time that passes only in `sleep`; `at` says what happens when. */
function waitedMs(
  limits: { graceMs: number; timeoutMs: number },
  at: { openUntilMs: number; hurryAtMs?: number },
): Promise<number> {
  let nowMs = 1_000_000;
  const startMs = nowMs;
  const hurry = new AbortController();
  const sleep = async (ms: number) => {
    nowMs += ms;
    if (nowMs - startMs >= (at.hurryAtMs ?? Number.POSITIVE_INFINITY)) hurry.abort();
  };
  const open = () => (nowMs - startMs < at.openUntilMs ? 1 : 0);
  const drain = new Drain({ ...limits, open, now: () => nowMs, sleep });
  drain.begin();
  return drain.over(hurry.signal).then(() => nowMs - startMs);
}

const NEVER = Number.POSITIVE_INFINITY;

describe("draining ends", () => {
  test.each([
    ["after the grace when nothing is open", { graceMs: 5000, timeoutMs: 25_000 }, { openUntilMs: 0 }, 5000],
    [
      "not within the grace, though everything closed",
      { graceMs: 5000, timeoutMs: 25_000 },
      { openUntilMs: 100 },
      5000,
    ],
    [
      "when the last connection closes after the grace",
      { graceMs: 5000, timeoutMs: 25_000 },
      { openUntilMs: 7000 },
      7000,
    ],
    [
      "at the timeout when a connection stays",
      { graceMs: 5000, timeoutMs: 25_000 },
      { openUntilMs: NEVER },
      25_000,
    ],
    ["at the timeout when the grace is longer", { graceMs: 5000, timeoutMs: 1000 }, { openUntilMs: 0 }, 1000],
    ["at once with no grace and nothing open", { graceMs: 0, timeoutMs: 25_000 }, { openUntilMs: 0 }, 0],
    ["at once with no timeout", { graceMs: 5000, timeoutMs: 0 }, { openUntilMs: NEVER }, 0],
    [
      "when hurried within the grace",
      { graceMs: 5000, timeoutMs: 25_000 },
      { openUntilMs: 0, hurryAtMs: 1000 },
      1000,
    ],
    [
      "when hurried with connections open",
      { graceMs: 5000, timeoutMs: 25_000 },
      { openUntilMs: NEVER, hurryAtMs: 9000 },
      9000,
    ],
  ])("%s", async (_, limits, at, expected) => {
    expect(await waitedMs(limits, at)).toBe(expected);
  });
});

describe("a drain", () => {
  const hurry = new AbortController().signal;

  test("is not over before it has begun", () => {
    const drain = new Drain({ graceMs: 0, timeoutMs: 0, open: () => 0 });
    expect([drain.hasBegun, drain.isOver]).toEqual([false, false]);
    drain.begin();
    expect([drain.hasBegun, drain.isOver]).toEqual([true, true]);
  });

  test("that is asked for twice counts from the first time", async () => {
    let nowMs = 0;
    const sleep = () => Promise.reject(new Error("it waits"));
    const drain = new Drain({ graceMs: 5000, timeoutMs: 25_000, open: () => 0, now: () => nowMs, sleep });
    drain.begin();
    nowMs = 5000;
    drain.begin();
    await drain.over(hurry);
    expect(drain.isOver).toBe(true);
  });
});
