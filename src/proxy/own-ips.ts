import { networkInterfaces } from "node:os";
import { isLoopback } from "../address.ts";

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Every IP address of this network namespace, loopback included. */
export function ownIps(interfaces: Interfaces = networkInterfaces()): ReadonlySet<string> {
  return new Set(addresses(interfaces));
}

/** An address of ours that is neither loopback nor link-local, IPv4 if there is one; null if there is none. */
export function reachableOwnIp(interfaces: Interfaces = networkInterfaces()): string | null {
  const candidates = addresses(interfaces).filter((ip) => !isLoopback(ip) && !isLinkLocal(ip));
  return candidates.find((ip) => !ip.includes(":")) ?? candidates[0] ?? null;
}

function addresses(interfaces: Interfaces): string[] {
  return Object.values(interfaces).flatMap((entries) => entries?.map(({ address }) => address) ?? []);
}

/** fe80::/10 (RFC 4291 section 2.5.6) needs a zone to be dialled. */
function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
}
