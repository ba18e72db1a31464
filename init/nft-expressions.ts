/**
 * A rule as nf_tables expressions: a small program over a register (linux/netfilter/nf_tables.h). Only
 * expressions of the nf_tables core, and `redir`, are used: the fewer modules a node must have, the better.
 * The programs are those that nft itself makes of the same text.
 */
import { type Attribute, be32, cString } from "../ffi/netlink-codec.ts";
import type { Action, Match } from "./plan.ts";
import type { Range } from "./ranges.ts";

const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;

const VERDICT_REGISTER = 0;
const REGISTER = 1;
const NFT_RETURN = -5;

const META = { skuid: 10, skgid: 11, nfproto: 15, l4proto: 16, random: 24 } as const;
const OP = { equal: 0, notEqual: 1, atMost: 3, atLeast: 5 } as const;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;
const BYTEORDER_HTON = 1;
const NF_NAT_RANGE_PROTO_SPECIFIED = 2;

const IPPROTO_TCP = Uint8Array.of(6);
const NFPROTO_IPV4 = Uint8Array.of(2);
const NFPROTO_IPV6 = Uint8Array.of(10);
const IP6_LOOPBACK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
/** fe80::/10 (RFC 4291 section 2.5.6). */
const IP6_LINK_LOCAL = firstTwoBytes(0xfe80);
const TEN_BITS = firstTwoBytes(0xffc0);

/** The expressions of one rule, as elements of NFTA_RULE_EXPRESSIONS. */
export function ruleExpressions(match: Match, action: Action): Attribute[] {
  return [...matchExpressions(match), ...actionExpressions(action)];
}

function matchExpressions(match: Match): Attribute[] {
  switch (match.kind) {
    case "tcp":
      return [meta(META.l4proto), compare(OP.equal, IPPROTO_TCP)];
    case "not-tcp":
      return [meta(META.l4proto), compare(OP.notEqual, IPPROTO_TCP)];
    case "port":
      return [
        ...matchExpressions({ kind: "tcp" }),
        payload(TRANSPORT_HEADER, 2, 2),
        ...within(match.range, be16),
      ];
    case "user":
      return socketOwner(META.skuid, match.range);
    case "group":
      return socketOwner(META.skgid, match.range);
    // A prefix of whole bytes is compared as such, without a mask.
    case "loopback4":
      return [...family(NFPROTO_IPV4), payload(NETWORK_HEADER, 16, 1), compare(OP.equal, Uint8Array.of(127))];
    case "loopback6":
      return [...family(NFPROTO_IPV6), payload(NETWORK_HEADER, 24, 16), compare(OP.equal, IP6_LOOPBACK)];
    case "link-local6":
      return [
        ...family(NFPROTO_IPV6),
        payload(NETWORK_HEADER, 24, 16),
        mask(TEN_BITS),
        compare(OP.equal, IP6_LINK_LOCAL),
      ];
    case "random":
      return [meta(META.random), compare(OP.atLeast, be32(match.threshold))];
  }
}

function actionExpressions(action: Action): Attribute[] {
  if (action.kind === "return") return [verdict(NFT_RETURN)];
  return [expression("counter", []), load(be16(action.port)), redirect()];
}

function family(protocol: Uint8Array): Attribute[] {
  return [meta(META.nfproto), compare(OP.equal, protocol)];
}

/** Ids are in host byte order in the register. The kernel compares byte by byte, so an order needs big-endian. */
function socketOwner(key: number, range: Range): Attribute[] {
  if (range.first === range.last) return [meta(key), compare(OP.equal, be32(range.first).reverse())];
  return [meta(key), hostToNetwork(4), ...within(range, be32)];
}

function within({ first, last }: Range, encode: (value: number) => Uint8Array): Attribute[] {
  if (first === last) return [compare(OP.equal, encode(first))];
  return [compare(OP.atLeast, encode(first)), compare(OP.atMost, encode(last))];
}

function meta(key: number): Attribute {
  return expression("meta", [number(2, key), number(1, REGISTER)]);
}

function compare(operator: number, value: Uint8Array): Attribute {
  return expression("cmp", [number(1, REGISTER), number(2, operator), data(3, value)]);
}

function payload(base: number, offset: number, length: number): Attribute {
  return expression("payload", [number(1, REGISTER), number(2, base), number(3, offset), number(4, length)]);
}

/** Keeps the bits of the register that are set in `bits`: register = (register & bits) ^ 0. */
function mask(bits: Uint8Array): Attribute {
  const registers = [number(1, REGISTER), number(2, REGISTER)];
  const operands = [data(4, bits), data(5, new Uint8Array(bits.length))];
  return expression("bitwise", [...registers, number(3, bits.length), ...operands]);
}

function hostToNetwork(size: number): Attribute {
  const registers = [number(1, REGISTER), number(2, REGISTER)];
  return expression("byteorder", [...registers, number(3, BYTEORDER_HTON), number(4, size), number(5, size)]);
}

function load(value: Uint8Array): Attribute {
  return expression("immediate", [number(1, REGISTER), data(2, value)]);
}

function verdict(code: number): Attribute {
  const value: Attribute = { type: 2, value: [{ type: 2, value: [number(1, code)] }] };
  return expression("immediate", [number(1, VERDICT_REGISTER), value]);
}

/** To the port in the register. */
function redirect(): Attribute {
  return expression("redir", [number(1, REGISTER), number(3, NF_NAT_RANGE_PROTO_SPECIFIED)]);
}

function expression(name: string, attributes: readonly Attribute[]): Attribute {
  return {
    type: NFTA_LIST_ELEM,
    value: [
      { type: NFTA_EXPR_NAME, value: cString(name) },
      { type: NFTA_EXPR_DATA, value: attributes },
    ],
  };
}

function number(type: number, value: number): Attribute {
  return { type, value: be32(value) };
}

/** NFTA_DATA_VALUE inside attribute `type`. */
function data(type: number, value: Uint8Array): Attribute {
  return { type, value: [{ type: 1, value }] };
}

/** An IPv6 address, or a mask, that is zero after 16 bits. */
function firstTwoBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(be16(value));
  return bytes;
}

function be16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
