import { expect, test } from "bun:test";
import { formatAddress, isLoopback, sameAddress, unmapIp } from "../src/address.ts";

test.each([
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["10.0.0.1", "10.0.0.1"],
  ["::1", "::1"],
  ["::ffff:a00:1", "10.0.0.1"],
  ["::ffff:0:0", "0.0.0.0"],
  ["::ffff:1:2:3", "::ffff:1:2:3"],
  ["fe80::ffff:10.0.0.1", "fe80::ffff:10.0.0.1"],
])("%s unmapped is %s", (ip, expected) => {
  expect(unmapIp(ip)).toBe(expected);
});

test.each([
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["::1", true],
  ["128.0.0.1", false],
  ["::", false],
  ["::11", false],
  ["10.127.0.1", false],
])("that %s is loopback is %p", (ip, expected) => {
  expect(isLoopback(ip)).toBe(expected);
});

test("addresses are the same if both ip and port are", () => {
  const address = { ip: "10.0.0.1", port: 80 };
  expect(sameAddress(address, { ip: "10.0.0.1", port: 80 })).toBe(true);
  expect(sameAddress(address, { ip: "10.0.0.2", port: 80 })).toBe(false);
  expect(sameAddress(address, { ip: "10.0.0.1", port: 81 })).toBe(false);
});

test.each([
  [{ ip: "10.0.0.1", port: 80 }, "10.0.0.1:80"],
  [{ ip: "::1", port: 80 }, "[::1]:80"],
])("%j is written %s", (address, expected) => {
  expect(formatAddress(address)).toBe(expected);
});
