/** What `netramesh wait` and `netramesh drain` make of what the sidecar says. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { drainAndWait } from "../../../src/admin/hooks/drain.ts";
import { waitUntilReady } from "../../../src/admin/hooks/wait.ts";
import { findPorts } from "../../../src/admin/hooks/where.ts";

type Reply = { status: number; body: string } | null;

const AT = { ip: "127.0.0.1", port: 14958 };

/** A sidecar that answers one after the other, the last for ever; and a clock that `sleep` moves. */
function script(replies: Reply[]) {
  const asked: string[] = [];
  let nowMs = 0;
  const ask = (_: unknown, method: string, path: string) => {
    asked.push(`${method} ${path}`);
    return Promise.resolve(replies.length > 1 ? replies.shift()! : replies[0]!);
  };
  const sleep = (ms: number) => {
    nowMs += ms;
    return Promise.resolve();
  };
  return { at: AT, ask, sleep, nowMs: () => nowMs, asked };
}

const READY = { status: 200, body: "ready" };
const DRAINING = { status: 503, body: "draining" };

describe("waiting ends", () => {
  const rows: [label: string, replies: Reply[], asked: number, failure: string | null][] = [
    ["at once where it is ready", [READY], 1, null],
    ["when it answers", [null, null, READY], 3, null],
    ["when it is ready", [DRAINING, READY], 2, null],
    [
      "in vain where nothing answers",
      [null],
      6,
      "not ready after 1000 ms: nothing answers at 127.0.0.1:14958",
    ],
    [
      "in vain where it does not become ready",
      [DRAINING],
      6,
      "not ready after 1000 ms: 127.0.0.1:14958 says 503 draining",
    ],
  ];
  test.each(rows)("%s", async (_, replies, asked, failure) => {
    const sidecar = script(replies);
    expect(await waitUntilReady({ ...sidecar, timeoutMs: 1000 })).toBe(failure);
    expect(sidecar.asked).toEqual(Array(asked).fill("GET /ready"));
  });
});

test.each(["5", "soon", "-5s"])("the words --timeout %s are no time to wait", async (text) => {
  const main = [process.execPath, join(import.meta.dir, "../../../src/main.ts")];
  const child = Bun.spawn([...main, "wait", `--timeout=${text}`], { env: {}, stderr: "pipe" });
  expect([await child.exited, await child.stderr.text()]).toEqual([
    2,
    `netramesh: --timeout "${text}" is not a time such as 60s or 1m30s\n`,
  ]);
});

describe("draining", () => {
  const yes = { status: 200, body: "draining: yes\nopen connections: 1" };
  const over = { status: 200, body: "draining: over\nopen connections: 0" };
  const rows: [label: string, replies: Reply[], asked: number, failure: string | null][] = [
    ["is done when that is over", [yes, yes, over], 3, null],
    ["is done at once where it was over", [over], 1, null],
    ["is done when the sidecar has ended", [yes, yes, null], 5, null],
    ["goes on after a moment without an answer", [yes, null, null, yes, over], 5, null],
    ["fails where nothing answers", [null], 1, "nothing answers at 127.0.0.1:14958"],
    ["fails where it is refused", [{ status: 403, body: "no" }], 1, "127.0.0.1:14958 says 403 no"],
  ];
  test.each(rows)("%s", async (_, replies, asked, failure) => {
    const sidecar = script(replies);
    expect(await drainAndWait(sidecar)).toBe(failure);
    expect(sidecar.asked).toEqual(["POST /drain", ...Array(asked - 1).fill("GET /drain")]);
  });
});

describe("the sidecar is found", () => {
  const ports = (metrics: number, ip: string, debug: number) => ({
    metrics: { ip: "127.0.0.1", port: metrics },
    debug: { ip, port: debug },
    problems: [],
  });
  test.each([
    [{}, ports(14958, "127.0.0.1", 14957)],
    [{ NETRA_PROMETHEUS_PORT: "1", NETRA_PPROF_PORT: "2" }, ports(1, "127.0.0.1", 2)],
    [{ NETRA_PPROF_HOST: "0.0.0.0" }, ports(14958, "127.0.0.1", 14957)],
    [{ NETRA_PPROF_HOST: "::" }, ports(14958, "::1", 14957)],
    [{ NETRA_PPROF_HOST: "127.0.0.2" }, ports(14958, "127.0.0.2", 14957)],
  ])("with %j", (environment, expected) => {
    expect(findPorts(environment)).toEqual(expected);
  });

  test("unless the variables are wrong", () => {
    const { problems } = findPorts({ NETRA_PROMETHEUS_PORT: "x", NETRA_PPROF_HOST: "y" });
    expect(problems).toEqual([
      'NETRA_PPROF_HOST="y" is not an IP address',
      'NETRA_PROMETHEUS_PORT="x" is not a port from 1 to 65535',
    ]);
  });
});
