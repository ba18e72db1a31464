import type { Address } from "../src/address.ts";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { AF_INET, AF_INET6, encodeSockaddr, setPort } from "./sockaddr.ts";
import { quickAck } from "./socket.ts";

/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
const STREAM = 0o2004001;
/** INET6_ADDRSTRLEN of inet_pton(3). */
const MOST_TEXT_BYTES = 46;

const text = new Uint8Array(new ArrayBuffer(MOST_TEXT_BYTES));
const encoder = new TextEncoder();
const ip4 = new Uint8Array(new ArrayBuffer(4));
const ip6 = new Uint8Array(new ArrayBuffer(16));

/** Most dials go to the same few addresses. */
const MOST_KNOWN = 64;
/** Socket addresses by the text of their IP address; their ports are those last dialled. */
const known = new Map<string, Uint8Array>();

/**
 * Begins to connect to an address: the new socket, non-blocking, or -1 if that fails at once or the text is no address.
 * With `mayWait` the last packet of the handshake waits for the first bytes, for `acknowledge`, or for 200 ms
 * (TCP_DELACK_MAX).
 */
export function dial({ ip, port }: Address, mayWait: boolean): number {
  const to = known.get(ip) ?? learn(ip);
  if (to === null) return -1;
  setPort(to, port);
  const fd = libc.socket(to[0]!, STREAM, 0);
  if (fd < 0) return -1;
  if (mayWait) quickAck(fd, false);
  if (libc.connect(fd, to, to.byteLength) === 0 || errno() === Errno.EINPROGRESS) return fd;
  libc.close(fd);
  return -1;
}

/** Null if the text is no address. */
function learn(ip: string): Uint8Array | null {
  const isIp6 = ip.includes(":");
  const bytes = isIp6 ? ip6 : ip4;
  text[encoder.encodeInto(ip, text).written] = 0;
  if (libc.inet_pton(isIp6 ? AF_INET6 : AF_INET, text, bytes) !== 1) return null;
  if (known.size === MOST_KNOWN) known.clear();
  const to = encodeSockaddr(bytes, 0);
  known.set(ip, to);
  return to;
}

/** Sends the acknowledgement that is due on a connected socket, if one is. */
export function acknowledge(fd: number): void {
  quickAck(fd, true);
}
