/**
 * A rule as nf_tables expressions: a small program over a register (linux/netfilter/nf_tables.h). What everybody
 * gets needs only expressions of the nf_tables core, and `redir`: the fewer modules a node must have, the better.
 * The programs are those that nft itself makes of the same text.
 */
import { type Attribute, be32 } from "../ffi/netlink-codec.ts";
import type { InterfaceName } from "./interface-name.ts";
import { isIp6, type Network, networkMask } from "./network.ts";
import {
  CT,
  compare,
  connection,
  counter,
  destinationType,
  hostToNetwork,
  load,
  lookup,
  META,
  mask,
  meta,
  NETWORK_HEADER,
  OP,
  payload,
  redirect,
  reset,
  TRANSPORT_HEADER,
  VERDICT,
  verdict,
} from "./nft-primitives.ts";
import type { Action, Draft, End, Match } from "./plan.ts";
import type { Range } from "./ranges.ts";

const ADDRESS_OFFSET = { ip4: { source: 12, destination: 16 }, ip6: { source: 8, destination: 24 } } as const;
const TCP_FLAGS_OFFSET = 13;
const IFNAMSIZ = 16;

const IPPROTO_TCP = Uint8Array.of(6);
const TCP_SYN = Uint8Array.of(0x02);
const NFPROTO_IPV4 = Uint8Array.of(2);
const NFPROTO_IPV6 = Uint8Array.of(10);
const RTN_LOCAL = hostOrder(2);
const CT_STATE_INVALID = hostOrder(1);
const IPS_DST_NAT = hostOrder(0x20);
const NO_BITS = new Uint8Array(4);

const TCP = [meta(META.l4proto), compare(OP.equal, IPPROTO_TCP)];
const DESTINATION_PORT = payload(TRANSPORT_HEADER, 2, 2);

/** The table families that rules are written for (linux/netfilter.h). */
export type Family = "inet" | "ip" | "ip6";

/** The expressions of one rule, as elements of NFTA_RULE_EXPRESSIONS. Null if no packet of this family can match. */
export function ruleExpressions({ matches, action }: Draft, family: Family): Attribute[] | null {
  const parts = matches.map((match) => matchExpressions(match, family));
  if (parts.includes(null)) return null;
  return [...parts.flatMap((part) => part!), ...actionExpressions(action)];
}

function matchExpressions(match: Match, family: Family): Attribute[] | null {
  switch (match.kind) {
    case "tcp":
      return TCP;
    case "not-tcp":
      return [meta(META.l4proto), compare(OP.notEqual, IPPROTO_TCP)];
    case "port":
      return [...TCP, DESTINATION_PORT, ...within(match.range, be16)];
    case "ports":
      return [...TCP, DESTINATION_PORT, lookup(match.set)];
    case "mid-stream":
      return [...TCP, payload(TRANSPORT_HEADER, TCP_FLAGS_OFFSET, 1), ...noneOf(TCP_SYN)];
    case "user":
      return socketOwner(META.skuid, match.range);
    case "group":
      return socketOwner(META.skgid, match.range);
    case "network":
      return ofNetwork(match.end, match.network, family);
    case "interface":
      return [meta(match.end === "source" ? META.iifname : META.oifname), ...named(match.name)];
    case "local":
      return [destinationType(), compare(match.is ? OP.equal : OP.notEqual, RTN_LOCAL)];
    case "random":
      return [meta(META.random), compare(OP.atLeast, be32(match.threshold))];
    case "invalid":
      return [connection(CT.state), mask(CT_STATE_INVALID), compare(OP.notEqual, NO_BITS)];
    case "not-redirected":
      return [connection(CT.status), ...noneOf(IPS_DST_NAT)];
  }
}

function actionExpressions(action: Action): Attribute[] {
  switch (action.kind) {
    case "return":
      return [verdict(VERDICT.return)];
    case "redirect":
      return [counter(), load(be16(action.port)), redirect()];
    case "drop":
      return [counter(), verdict(VERDICT.drop)];
    case "reject":
      return [counter(), reset()];
  }
}

/** A prefix of whole bytes is compared as such, without a mask, as nft does. */
function ofNetwork(end: End, network: Network, family: Family): Attribute[] | null {
  const protocol = isIp6(network) ? NFPROTO_IPV6 : NFPROTO_IPV4;
  if (family !== "inet" && (family === "ip6") !== isIp6(network)) return null;
  const dependency = family === "inet" ? [meta(META.nfproto), compare(OP.equal, protocol)] : [];
  const offset = ADDRESS_OFFSET[isIp6(network) ? "ip6" : "ip4"][end];
  const bytes = Uint8Array.from(network.bytes);
  const whole = network.prefix / 8;
  if (Number.isInteger(whole) && whole > 0) {
    return [...dependency, payload(NETWORK_HEADER, offset, whole), compare(OP.equal, bytes.slice(0, whole))];
  }
  const address = payload(NETWORK_HEADER, offset, bytes.length);
  return [...dependency, address, mask(networkMask(network)), compare(OP.equal, bytes)];
}

/** A name is compared with its padding, a beginning without. */
function named({ text, isPrefix }: InterfaceName): Attribute[] {
  const bytes = new TextEncoder().encode(text);
  if (isPrefix) return [compare(OP.equal, bytes)];
  const padded = new Uint8Array(IFNAMSIZ);
  padded.set(bytes);
  return [compare(OP.equal, padded)];
}

/** Ids are in host byte order in the register. The kernel compares byte by byte, so an order needs big-endian. */
function socketOwner(key: number, range: Range): Attribute[] {
  if (range.first === range.last) return [meta(key), compare(OP.equal, hostOrder(range.first))];
  return [meta(key), hostToNetwork(4), ...within(range, be32)];
}

function noneOf(bits: Uint8Array): Attribute[] {
  return [mask(bits), compare(OP.equal, new Uint8Array(bits.length))];
}

function within({ first, last }: Range, encode: (value: number) => Uint8Array): Attribute[] {
  if (first === last) return [compare(OP.equal, encode(first))];
  return [compare(OP.atLeast, encode(first)), compare(OP.atMost, encode(last))];
}

function hostOrder(value: number): Uint8Array {
  return be32(value).reverse();
}

function be16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
