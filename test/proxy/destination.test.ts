import { expect, test } from "bun:test";
import { directionOf, isDirect } from "../../src/proxy/destination.ts";

const OWN = new Set(["127.0.0.1", "198.18.2.10", "198.18.2.11", "fd00:2::10"]);

const directions: [string, "inbound" | "outbound"][] = [
  ["127.0.0.1", "outbound"],
  ["::1", "outbound"],
  ["198.18.2.10", "inbound"],
  ["fd00:2::11", "inbound"],
  ["fe80::1", "inbound"],
];
test.each(directions)("a connection accepted on %s is %s", (ip, direction) => {
  expect(directionOf({ ip, port: 14956 })).toBe(direction);
});

const rows: [label: string, local: string, dst: string, port: number, direct: boolean][] = [
  ["from outside to a secondary address", "198.18.2.10", "198.18.2.11", 80, false],
  ["from outside straight to our port", "198.18.2.10", "198.18.2.10", 14956, true],
  ["from inside to an own address at our port", "127.0.0.1", "198.18.2.11", 14956, true],
  ["from inside to an own IPv6 address at our port", "::1", "fd00:2::10", 14956, true],
  ["from inside to loopback at our port", "127.0.0.5", "127.0.0.5", 14956, true],
  ["from inside to no address at our port, which is loopback", "127.0.0.1", "0.0.0.0", 14956, true],
  ["from inside to no IPv6 address at our port, which is loopback", "::1", "::", 14956, true],
  ["from inside to another machine's proxy port", "127.0.0.1", "198.18.2.1", 14956, false],
  ["from inside to another machine", "127.0.0.1", "198.18.2.1", 443, false],
];
test.each(rows)("a connection %s: local %s, destination %s:%d, direct %p", (_, ip, dst, port, direct) => {
  expect(isDirect({ ip: dst, port }, { ip, port: 14956 }, () => OWN)).toBe(direct);
});
