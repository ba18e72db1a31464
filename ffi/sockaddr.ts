/**
 * Socket addresses as the kernel writes them (include/uapi/linux/in.h, in6.h).
 *
 *   sockaddr_in   u16 family (host order), be16 port, u8 address[4]
 *   sockaddr_in6  u16 family (host order), be16 port, u32 flow info, u8 address[16], u32 scope id
 */
import type { Address } from "../src/address.ts";

export const AF_INET = 2;
export const AF_INET6 = 10;
/** Without its padding, and with it. */
const SOCKADDR_IN_BYTES = 8;
const SOCKADDR_IN_PADDED_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** IPv4 addresses by their hash (Fibonacci hashing), and their texts. */
const KNOWN_BITS = 6;
const knownWords = new Int32Array(1 << KNOWN_BITS);
const knownTexts = Array<string>(1 << KNOWN_BITS).fill("0.0.0.0");

/**
 * Reads a sockaddr_in or sockaddr_in6 that is to be dialled. Null where `decodeEndpoint` gives it, and for a link-local
 * IPv6 address: it means nothing without its interface, which an Address cannot carry.
 */
export function decodeSockaddr(bytes: Uint8Array): Address | null {
  return isLinkLocal(bytes) ? null : decodeEndpoint(bytes);
}

/**
 * Reads a sockaddr_in or sockaddr_in6; `::ffff:a.b.c.d` comes out as IPv4, a link-local address without its interface.
 * Null for another family and for a short buffer.
 */
export function decodeEndpoint(bytes: Uint8Array): Address | null {
  if (bytes.length < SOCKADDR_IN_BYTES) return null;
  const family = bytes[0]! | (bytes[1]! << 8);
  if (family === AF_INET) return { ip: ipv4Text(bytes, 4), port: be16(bytes, 2) };
  if (family !== AF_INET6 || bytes.length < SOCKADDR_IN6_BYTES) return null;
  return { ip: isMapped(bytes) ? ipv4Text(bytes, 20) : ipv6Text(bytes, 8), port: be16(bytes, 2) };
}

/** The sockaddr_in of an address of 4 bytes, or the sockaddr_in6 of one of 16. */
export function encodeSockaddr(ip: Uint8Array, port: number): Uint8Array {
  const isIp6 = ip.length === 16;
  const bytes = new Uint8Array(new ArrayBuffer(isIp6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_PADDED_BYTES));
  bytes[0] = isIp6 ? AF_INET6 : AF_INET;
  setPort(bytes, port);
  bytes.set(ip, isIp6 ? 8 : 4);
  return bytes;
}

/** Another port for what `encodeSockaddr` gave. */
export function setPort(sockaddr: Uint8Array, port: number): void {
  sockaddr[2] = port >> 8;
  sockaddr[3] = port & 0xff;
}

function be16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** fe80::/10, RFC 4291 section 2.5.6. */
function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes[0] === AF_INET6 && bytes[8] === 0xfe && (bytes[9]! & 0xc0) === 0x80;
}

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
function isMapped(bytes: Uint8Array): boolean {
  for (let i = 8; i < 18; i++) if (bytes[i] !== 0) return false;
  return bytes[18] === 0xff && bytes[19] === 0xff;
}

/** The text of an address is made once for many connections: most of them have the same few ends. */
function ipv4Text(bytes: Uint8Array, at: number): string {
  const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const place = Math.imul(word, 0x9e3779b1) >>> (32 - KNOWN_BITS);
  if (knownWords[place] !== word) {
    knownWords[place] = word;
    knownTexts[place] = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  }
  return knownTexts[place]!;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`, the first if equal. */
function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => be16(bytes, at + 2 * i));
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i + 1 - length, length };
  });
  return best;
}
