import { Bad, ip, type Parser } from "../src/env.ts";

/** A block of addresses (CIDR). */
export interface Network {
  /** The first address, in canonical text. */
  readonly ip: string;
  /** How many leading bits all its addresses share. */
  readonly prefix: number;
  /** The first address: 4 bytes or 16. */
  readonly bytes: readonly number[];
}

const EXPECTED =
  "an address or a network without host bits (169.254.169.254, 10.0.0.0/8, fd00::/8), IPv4 without leading zeros and " +
  "not as ::ffff:10.0.0.1";
/** `010.0.0.1` is 10.0.0.1 to some programs and 8.0.0.1 to others. */
const LEADING_ZERO = /^(\d+\.)*0\d/;
/** IPv4 that is written as IPv6 (::ffff:0:0/96): on the wire it is IPv4, where such a rule matches nothing. */
const MAPPED = /^::ffff:[\da-f]+:[\da-f]+$/;

/** `10.0.0.0/8`, `fd00::/8`, or one address; bits beyond the prefix must be zero, as they cannot be meant. */
export const network: Parser<Network> = (text) => {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const valid = ip(address);
  if (valid instanceof Bad || LEADING_ZERO.test(address)) return new Bad(EXPECTED);
  const block = makeNetwork(valid, length === undefined ? undefined : Number(length));
  return block === null || MAPPED.test(block.ip) ? new Bad(EXPECTED) : block;
};

/** The network of a valid address; null if the prefix is too long or leaves host bits. */
function makeNetwork(address: string, length: number | undefined): Network | null {
  const bytes = address.includes(":") ? ip6Bytes(address) : address.split(".").map(Number);
  const prefix = length ?? 8 * bytes.length;
  if (prefix > 8 * bytes.length || bytes.some((byte, i) => (byte & hostBits(prefix, i)) !== 0)) return null;
  return { ip: bytes.length === 16 ? canonicalIp6(address) : bytes.join("."), prefix, bytes };
}

/** A network that this program names itself. */
export function literalNetwork(text: string): Network {
  const block = network(text);
  if (block instanceof Bad) throw new Error(`${text} is no network`);
  return block;
}

/** The bits of byte number `index` that lie beyond the prefix. */
function hostBits(prefix: number, index: number): number {
  const inside = Math.min(8, Math.max(0, prefix - 8 * index));
  return 0xff >> inside;
}

/** The mask of a network, byte by byte. */
export function networkMask({ prefix, bytes }: Network): Uint8Array {
  return Uint8Array.from(bytes, (_, i) => 0xff & ~hostBits(prefix, i));
}

/** RFC 5952, as the platform's own URL parser writes it. */
function canonicalIp6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function ip6Bytes(text: string): number[] {
  const [head = "", tail] = canonicalIp6(text).split("::");
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = new Array(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** True for IPv6. */
export function isIp6({ bytes }: Network): boolean {
  return bytes.length === 16;
}

/** `10.0.0.0/8`; one address stands alone, as nft writes it. */
export function formatNetwork({ ip, prefix, bytes }: Network): string {
  return prefix === 8 * bytes.length ? ip : `${ip}/${prefix}`;
}

/** True if the network contains the address `text`. */
export function contains(block: Network, text: string): boolean {
  const bytes = literalNetwork(text).bytes;
  const mask = networkMask(block);
  return bytes.length === mask.length && bytes.every((byte, i) => (byte & mask[i]!) === block.bytes[i]);
}
