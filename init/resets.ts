/**
 * How long the kernel remembers a connection that was reset.
 *
 * NAT is decided once for each connection it knows. When the far end has reset one, it knows it for another 10 s, and
 * takes a new connection from the same port to the same place for it, without a look at the rules: the sidecar's from a
 * port of an application's comes back to the sidecar, an application's from a port of the sidecar's goes past it.
 */

import { KernelError, type Netlink } from "../ffi/netlink.ts";
import { be32, NLM_F_ACK, NLM_F_REQUEST, type Request } from "../ffi/netlink-codec.ts";
import type { System } from "./system.ts";

/** IPCTNL_MSG_TIMEOUT_DEFAULT_SET of NFNL_SUBSYS_CTNETLINK_TIMEOUT (linux/netfilter/nfnetlink_cttimeout.h). */
const SET_DEFAULT_TIMEOUTS = 0x803;
const CTA_TIMEOUT_L3PROTO = 2;
const CTA_TIMEOUT_L4PROTO = 3;
const CTA_TIMEOUT_DATA = 4;
const CTA_TIMEOUT_TCP_CLOSE = 8;
const NFPROTO_IPV4 = 2;
const IPPROTO_TCP = 6;
/** What is set: a container may not write there, by netlink it takes NET_ADMIN. */
const FILE = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close";

/** For both versions of IP, whichever is named; all other timeouts stay as they are. */
const FORGET_AT_ONCE: Request = {
  type: SET_DEFAULT_TIMEOUTS,
  flags: NLM_F_REQUEST | NLM_F_ACK,
  family: 0,
  resourceId: 0,
  attributes: [
    { type: CTA_TIMEOUT_L3PROTO, value: Uint8Array.of(0, NFPROTO_IPV4) },
    { type: CTA_TIMEOUT_L4PROTO, value: Uint8Array.of(IPPROTO_TCP) },
    { type: CTA_TIMEOUT_DATA, value: [{ type: CTA_TIMEOUT_TCP_CLOSE, value: be32(0) }] },
  ],
};

/** Has every TCP connection of the network namespace forgotten when it is reset. Null: it is so. */
export function forgetResets({ openNetlink, readProc }: System): KernelError | null {
  const error = request(openNetlink());
  return secondsRemembered(readProc) === 0 ? null : error;
}

/** For how many seconds connections are remembered that were reset; null where the kernel does not tell. */
export function secondsRemembered(readText: (path: string) => string | null): number | null {
  const text = readText(FILE)?.trim();
  return text ? Number(text) : null;
}

/** What it means that they are, for a person. */
export function explainRemembered(seconds: number | null): string {
  const time = seconds === null ? "" : ` for ${seconds} s`;
  return `the kernel remembers connections that were reset${time}, and may take new ones for them`;
}

function request(netlink: Netlink | KernelError): KernelError | null {
  if (netlink instanceof KernelError) return netlink;
  const [error = null] = netlink.transact([FORGET_AT_ONCE]);
  netlink.close();
  return error;
}
