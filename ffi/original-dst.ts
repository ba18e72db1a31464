import type { Address } from "../src/address.ts";
import { libc } from "./libc.ts";
import { decodeSockaddr } from "./sockaddr.ts";

const SOL_IP = 0;
const SOL_IPV6 = 41;
/** SO_ORIGINAL_DST (linux/netfilter_ipv4.h) and IP6T_SO_ORIGINAL_DST (netfilter_ipv6/ip6_tables.h). */
const ORIGINAL_DST = 80;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

const sockaddr = new Uint8Array(new ArrayBuffer(SOCKADDR_IN6_BYTES));
const sockaddrLength = new Uint32Array(new ArrayBuffer(4));

/**
 * Where a redirected connection was going before REDIRECT.
 *
 * `family` is that of the peer's unmapped address: an IPv4 connection accepted by a dual-stack listener still
 * has to be asked at the IPv4 level. Null if the kernel has no conntrack entry for the socket, if the socket is
 * gone, or if the destination is link-local. A connection that was not redirected, in a namespace with
 * conntrack, gives its own local address: telling that apart is the caller's loop guard.
 */
export function originalDst(fd: number, family: 4 | 6): Address | null {
  sockaddrLength[0] = family === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
  const level = family === 4 ? SOL_IP : SOL_IPV6;
  if (libc.getsockopt(fd, level, ORIGINAL_DST, sockaddr, sockaddrLength) !== 0) return null;
  return decodeSockaddr(sockaddr);
}
