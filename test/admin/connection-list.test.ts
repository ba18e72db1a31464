import { expect, test } from "bun:test";
import { listConnections } from "../../src/admin/connection-list.ts";
import type { Connection } from "../../src/proxy/handler.ts";

function connection(id: number, rest: Partial<Connection> = {}): Connection {
  return {
    info: {
      id,
      direction: "inbound",
      client: { ip: "10.0.0.1", port: 40_000 + id },
      originalDst: { ip: "fd00::2", port: 80 },
    },
    isFollowed: true,
    openedAtMs: 1000,
    state: "open",
    clientBytes: 0,
    upstreamBytes: 0,
    ...rest,
  };
}

function list(connections: Connection[]): string[] {
  const all = () => connections;
  return listConnections({ open: () => connections.length, all, nowMs: () => 3550 }).split("\n");
}

test("each connection is a line: who, where to, how long, how much", () => {
  const dialling = { state: "dialling", isFollowed: false, openedAtMs: 3500 } as const;
  expect(list([connection(1, { clientBytes: 12, upstreamBytes: 3456 }), connection(2, dialling)])).toEqual([
    "2 open connections",
    "id  direction  state     age   handler  client          original destination  sent  received",
    "1   inbound    open      2.5s  http     10.0.0.1:40001  [fd00::2]:80          12    3456",
    "2   inbound    dialling  0.1s  opaque   10.0.0.1:40002  [fd00::2]:80          0     0",
  ]);
});

test("of very many only a thousand are listed, and the others counted", () => {
  const lines = list(Array.from({ length: 1002 }, (_, i) => connection(i)));
  expect(lines[0]).toBe("1002 open connections");
  expect(lines).toHaveLength(2 + 1000 + 1);
  expect(lines.at(-1)).toBe("and 2 more");
});
