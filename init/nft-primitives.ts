/** nf_tables expressions, one function each, all over register 1 (linux/netfilter/nf_tables.h). */
import { type Attribute, be32, cString } from "../ffi/netlink-codec.ts";

const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;

const VERDICT_REGISTER = 0;
const REGISTER = 1;
const BYTEORDER_HTON = 1;
const NF_NAT_RANGE_PROTO_SPECIFIED = 2;
const NFT_FIB_RESULT_ADDRTYPE = 3;
const NFTA_FIB_F_DADDR = 2;
const NFT_REJECT_TCP_RST = 1;

export const META = {
  iifname: 6,
  oifname: 7,
  skuid: 10,
  skgid: 11,
  nfproto: 15,
  l4proto: 16,
  random: 24,
} as const;
export const CT = { state: 0, status: 2 } as const;
export const OP = { equal: 0, notEqual: 1, atMost: 3, atLeast: 5 } as const;
export const NETWORK_HEADER = 1;
export const TRANSPORT_HEADER = 2;
export const VERDICT = { return: -5, drop: 0 } as const;

/** Loads what the kernel knows of the packet. */
export function meta(key: number): Attribute {
  return expression("meta", [number(2, key), number(1, REGISTER)]);
}

/** Goes on if the register compares so with `value`, byte by byte. */
export function compare(operator: number, value: Uint8Array): Attribute {
  return expression("cmp", [number(1, REGISTER), number(2, operator), data(3, value)]);
}

/** Loads bytes of the packet. */
export function payload(base: number, offset: number, length: number): Attribute {
  return expression("payload", [number(1, REGISTER), number(2, base), number(3, offset), number(4, length)]);
}

/** Keeps the bits of the register that are set in `bits`: register = (register & bits) ^ 0. */
export function mask(bits: Uint8Array): Attribute {
  const registers = [number(1, REGISTER), number(2, REGISTER)];
  const operands = [data(4, bits), data(5, new Uint8Array(bits.length))];
  return expression("bitwise", [...registers, number(3, bits.length), ...operands]);
}

/** Turns a number of `size` bytes in the register big-endian. */
export function hostToNetwork(size: number): Attribute {
  const registers = [number(1, REGISTER), number(2, REGISTER)];
  return expression("byteorder", [...registers, number(3, BYTEORDER_HTON), number(4, size), number(5, size)]);
}

/** Loads a constant. */
export function load(value: Uint8Array): Attribute {
  return expression("immediate", [number(1, REGISTER), data(2, value)]);
}

/** Ends with a verdict. */
export function verdict(code: number): Attribute {
  const value: Attribute = { type: 2, value: [{ type: 2, value: [number(1, code)] }] };
  return expression("immediate", [number(1, VERDICT_REGISTER), value]);
}

/** Whether the register is in a set of this table. */
export function lookup(set: string): Attribute {
  return expression("lookup", [{ type: 1, value: cString(set) }, number(2, REGISTER)]);
}

/** Loads what the kernel knows of the connection. */
export function connection(key: number): Attribute {
  return expression("ct", [number(1, REGISTER), number(2, key)]);
}

/** To the port in the register. */
export function redirect(): Attribute {
  return expression("redir", [number(1, REGISTER), number(3, NF_NAT_RANGE_PROTO_SPECIFIED)]);
}

/** Counts packets and bytes. */
export function counter(): Attribute {
  return expression("counter", []);
}

/** Refuses with a TCP reset. */
export function reset(): Attribute {
  return expression("reject", [number(1, NFT_REJECT_TCP_RST)]);
}

/** Loads what the routing table says of the destination: one of the RTN_ types (linux/rtnetlink.h). */
export function destinationType(): Attribute {
  return expression("fib", [
    number(1, REGISTER),
    number(2, NFT_FIB_RESULT_ADDRTYPE),
    number(3, NFTA_FIB_F_DADDR),
  ]);
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
