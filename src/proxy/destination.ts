import { type Address, isLoopback, isUnspecified, sameAddress } from "../address.ts";
import type { Direction } from "./handler.ts";

/**
 * Which way an accepted connection goes, from the address it was accepted on. REDIRECT rewrites what local processes
 * send to loopback and what comes from outside to an address of the interface, so this holds where a machine has many
 * addresses, unlike comparing with the original destination.
 */
export function directionOf(local: Address): Direction {
  return isLoopback(local.ip) ? "outbound" : "inbound";
}

/**
 * True if a connection was made to our own port instead of being redirected to it: dialling its destination would
 * reach ourselves, for ever. Conntrack gives such a connection its own local address as original destination.
 * `ownIps` is only asked about destinations with our port.
 */
export function isDirect(originalDst: Address, local: Address, ownIps: () => ReadonlySet<string>): boolean {
  if (originalDst.port !== local.port) return false;
  const { ip } = originalDst;
  return sameAddress(originalDst, local) || isLoopback(ip) || isUnspecified(ip) || ownIps().has(ip);
}
