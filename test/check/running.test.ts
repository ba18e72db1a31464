import { expect, test } from "bun:test";
import type { Reply } from "../../src/admin/hooks/ask.ts";
import { findSidecar, listenerOwner } from "../../src/check/running.ts";

const AT = { metrics: { ip: "127.0.0.1", port: 1 }, debug: { ip: "127.0.0.1", port: 2 }, problems: [] };

/** Answers by path. */
function answering(answers: Record<string, string>) {
  return async (_: unknown, __: unknown, path: string): Promise<Reply | null> =>
    path in answers ? { status: 200, body: answers[path]! } : null;
}

const READY = "listening: yes\ndraining: no\nnat: active (a NAT rule is in force)";
const LOOPS = 'netramesh_tcp_connections_refused_total{direction="x",reason="loop"} 3';
const NOTHING = { hasMetrics: false, isDraining: null, seesNat: null, loops: null, variables: null };

const rows: [label: string, answers: Record<string, string>, found: object | null][] = [
  ["nobody", {}, null],
  ["somebody else", { "/ready?verbose": "hello", "/config": "hello", "/metrics": LOOPS }, null],
  [
    "one that is ready",
    { "/ready?verbose": READY },
    { ...NOTHING, hasMetrics: true, isDraining: false, seesNat: true },
  ],
  [
    "one that drains, without rules",
    { "/ready?verbose": "listening: yes\ndraining: yes\nnat: not seen" },
    { ...NOTHING, hasMetrics: true, isDraining: true, seesNat: false },
  ],
  [
    "one that calls itself",
    { "/ready?verbose": READY, "/metrics": `a 1\n${LOOPS}\nb 2` },
    { ...NOTHING, hasMetrics: true, isDraining: false, seesNat: true, loops: 3 },
  ],
  [
    "one without a metrics port",
    { "/config": "NETRA_PORT=14956\nJAEGER_TAGS=a=b" },
    {
      ...NOTHING,
      variables: new Map([
        ["NETRA_PORT", "14956"],
        ["JAEGER_TAGS", "a=b"],
      ]),
    },
  ],
];
test.each(rows)("it is found by its answers: %s", async (_, answers, found) => {
  expect(await findSidecar(AT, answering(answers))).toEqual(found as never);
});

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:3A6C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1337        0 1 1 0
   1: 0100007F:3A6D 0100007F:1234 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
`;
test.each([
  [0x3a6c, 1337],
  [0x3a6d, null],
  [80, null],
])("who listens on port %d is user %p", (port, uid) => {
  expect(listenerOwner(port, (path) => (path === "/proc/net/tcp" ? TABLE : null))).toBe(uid);
});
