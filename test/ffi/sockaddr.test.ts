import { describe, expect, test } from "bun:test";
import { decodeEndpoint, decodeSockaddr, encodeSockaddr } from "../../ffi/sockaddr.ts";

function sockaddrIn(hex: string): Uint8Array {
  return Uint8Array.fromHex(`0200${hex}0000000000000000`);
}

function sockaddrIn6(port: string, address: string): Uint8Array {
  return Uint8Array.fromHex(`0a00${port}00000000${address}00000000`);
}

const ADDRESSES: [string, Uint8Array, string, number][] = [
  ["IPv4", sockaddrIn("0050c0000201"), "192.0.2.1", 80],
  ["the highest IPv4 address and port", sockaddrIn("ffffffffffff"), "255.255.255.255", 65535],
  ["IPv6 with one run of zeros", sockaddrIn6("01bb", "20010db8000000000000000000000001"), "2001:db8::1", 443],
  [
    "the first of two equal runs of zeros",
    sockaddrIn6("01bb", "20010db8000000000001000000000001"),
    "2001:db8::1:0:0:1",
    443,
  ],
  [
    "the longer of two runs of zeros",
    sockaddrIn6("01bb", "20010000000100000000000000000001"),
    "2001:0:1::1",
    443,
  ],
  [
    "a single zero group, which stays",
    sockaddrIn6("01bb", "20010db8000000010002000300040005"),
    "2001:db8:0:1:2:3:4:5",
    443,
  ],
  ["zeros at the end", sockaddrIn6("01bb", "fd000000000000000000000000000000"), "fd00::", 443],
  ["the IPv6 loopback address", sockaddrIn6("01bb", "00000000000000000000000000000001"), "::1", 443],
  ["the unspecified address", sockaddrIn6("01bb", "00000000000000000000000000000000"), "::", 443],
  [
    "IPv6 without zeros, lower case",
    sockaddrIn6("01bb", "ABCDEF01234567899876543210FEDCBA"),
    "abcd:ef01:2345:6789:9876:5432:10fe:dcba",
    443,
  ],
  [
    "an IPv4-mapped address, as IPv4",
    sockaddrIn6("0050", "00000000000000000000ffffc0000201"),
    "192.0.2.1",
    80,
  ],
];

describe("decodeSockaddr", () => {
  test.each(ADDRESSES)("reads %s", (_, bytes, ip, port) => {
    expect(decodeSockaddr(bytes)).toEqual({ ip, port });
  });

  test("writes IPv6 as the platform's own URL parser does", () => {
    for (const group of ["0000", "0001", "abcd"]) {
      for (let mask = 0; mask < 256; mask++) {
        const groups = Array.from({ length: 8 }, (_, i) => (mask & (1 << i) ? group : "0000"));
        const { ip } = decodeSockaddr(sockaddrIn6("0001", groups.join("")))!;
        expect(`[${ip}]`).toBe(new URL(`http://[${groups.join(":")}]/`).hostname);
      }
    }
  });

  test.each([
    [
      "a link-local address, whose interface would be lost",
      sockaddrIn6("0050", "fe800000000000000000000000000001"),
    ],
    ["the end of the link-local range", sockaddrIn6("0050", "febfffffffffffffffffffffffffffff")],
    ["another family", Uint8Array.fromHex("0100005001020304")],
    ["an empty buffer", new Uint8Array(0)],
    ["IPv6 cut short", sockaddrIn6("0050", "20010db8000000000000000000000001").subarray(0, 27)],
  ])("refuses %s", (_, bytes) => {
    expect(decodeSockaddr(bytes)).toBeNull();
  });

  test("takes the address after the link-local range for an ordinary one", () => {
    expect(decodeSockaddr(sockaddrIn6("0050", "fec00000000000000000000000000001"))).toEqual({
      ip: "fec0::1",
      port: 80,
    });
  });
});

test("an IPv4 address has its own text, whichever were read before", () => {
  const ips = Array.from({ length: 300 }, (_, i) => [198, 18, i >> 8, i & 255]);
  ips.push([0, 0, 0, 0], [255, 255, 255, 255], [127, 0, 0, 1]);
  for (let round = 0; round < 3; round++) {
    for (const ip of ips) {
      const bytes = encodeSockaddr(Uint8Array.from(ip), 80);
      expect([decodeEndpoint(bytes)!.ip, decodeEndpoint(bytes)!.ip]).toEqual([ip.join("."), ip.join(".")]);
    }
  }
});

describe("encodeSockaddr", () => {
  const rows: [string, string, number][] = [
    ["7f000001", "127.0.0.1", 14956],
    ["c0000201", "192.0.2.1", 65535],
    ["20010db8000000000000000000000001", "2001:db8::1", 1],
  ];
  test.each(rows)("writes %s so that it is read as %s", (hex, ip, port) => {
    expect(decodeSockaddr(encodeSockaddr(Uint8Array.fromHex(hex), port))).toEqual({ ip, port });
  });

  test("writes the sizes that the kernel wants", () => {
    expect(encodeSockaddr(new Uint8Array(4), 1)).toHaveLength(16);
    expect(encodeSockaddr(new Uint8Array(16), 1)).toHaveLength(28);
  });
});

test("a link-local address is an endpoint, but nothing to dial", () => {
  const bytes = sockaddrIn6("0050", "fe800000000000000000000000000001");
  expect(decodeEndpoint(bytes)).toEqual({ ip: "fe80::1", port: 80 });
  expect(decodeSockaddr(bytes)).toBeNull();
});
