import { expect, test } from "bun:test";
import { halfClosedIdleSeconds, IDLE_SECONDS, KeepAlive } from "../../src/proxy/keep-alive.ts";
import type { Session } from "../../src/proxy/session.ts";
import { FakeKernel } from "../fakes/kernel.ts";

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

/** What a sweep sees of a session: its two sockets, the first accepted from a listener with keep-alive. */
function session(state: { isHalfClosed?: boolean; dialling?: boolean; closed?: boolean } = {}): Session {
  const { isHalfClosed = false, dialling = false, closed = false } = state;
  const client = { socket: { fd: 7 }, closed: false, keepAliveSeconds: IDLE_SECONDS };
  const upstream = { socket: dialling ? null : { fd: 8 }, closed, keepAliveSeconds: 0 };
  return { client, upstream, isHalfClosed } as Session;
}

const SLOW = ["keepAlive", 300, 20, 14] as const;
const sweeps: [label: string, sessions: Session[], calls: FakeKernel["calls"]][] = [
  ["gives an upstream its own", [session()], [SLOW]],
  ["leaves what is not connected yet", [session({ dialling: true })], []],
  ["leaves what is closed", [session({ closed: true })], []],
  [
    "probes both ends of a half-closed session earlier",
    [session({ isHalfClosed: true })],
    [
      ["keepAliveIdle", 20],
      ["keepAlive", 20, 20, 14],
    ],
  ],
];
test.each(sweeps)("a sweep %s, once", (_, sessions, calls) => {
  const kernel = new FakeKernel(null);
  const keepAlive = new KeepAlive(kernel, 20, sessions);
  keepAlive.sweep();
  keepAlive.sweep();
  expect(kernel.calls).toEqual(calls);
});
