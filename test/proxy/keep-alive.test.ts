import { expect, test } from "bun:test";
import { halfClosedIdleSeconds } from "../../src/proxy/keep-alive.ts";

const rows: [label: string, closeWait: string | null, finWait: string | null, idleSeconds: number][] = [
  ["conntrack's usual 60 s and 120 s", "60\n", "120\n", 20],
  ["a short close_wait", "30\n", "120\n", 10],
  ["a short fin_wait", "60\n", "7\n", 2],
  ["timeouts of 3 s", "3\n", "3\n", 1],
  ["timeouts too short to be helped", "1\n", "2\n", 1],
  ["long timeouts", "3600\n", "3600\n", 20],
  ["no conntrack to be seen", null, null, 20],
  ["one file missing", "9\n", null, 3],
  ["a file without a number", "", "nonsense", 20],
];
test.each(rows)(
  "with %s (%p, %p) a half-closed client is probed after %d s",
  (_, closeWait, finWait, idle) => {
    const read = (path: string) => (path.endsWith("close_wait") ? closeWait : finWait);
    expect(halfClosedIdleSeconds(read)).toBe(idle);
  },
);
