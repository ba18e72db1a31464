import { expect, test } from "bun:test";
import type { networkInterfaces } from "node:os";
import { ownIps, reachableOwnIp } from "../../src/proxy/own-ips.ts";

function interfaces(...ips: string[]): ReturnType<typeof networkInterfaces> {
  const entries = ips.map((address) => ({ address }));
  return { eth0: entries } as unknown as ReturnType<typeof networkInterfaces>;
}

const rows: [string, string[], string | null][] = [
  ["IPv4 before IPv6", ["127.0.0.1", "fd00::2", "198.18.0.2"], "198.18.0.2"],
  ["IPv6 where there is no IPv4", ["127.0.0.1", "::1", "fe80::1", "fd00::2"], "fd00::2"],
  ["none where all is loopback or link-local", ["127.0.0.1", "::1", "fe80::1"], null],
];
test.each(rows)("the address to test ourselves with is %s", (_, ips, expected) => {
  expect(reachableOwnIp(interfaces(...ips))).toBe(expected);
});

test("our own addresses are those of all interfaces", () => {
  expect([...ownIps({ ...interfaces("198.18.0.2"), lo: interfaces("127.0.0.1").eth0 })]).toEqual([
    "198.18.0.2",
    "127.0.0.1",
  ]);
  expect(ownIps().has("127.0.0.1")).toBe(true);
});
