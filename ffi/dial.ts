import type { Address } from "../src/address.ts";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { AF_INET, AF_INET6, encodeSockaddr } from "./sockaddr.ts";
import { quickAck } from "./socket.ts";

/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
const STREAM = 0o2004001;
/** INET6_ADDRSTRLEN of inet_pton(3). */
const MOST_TEXT_BYTES = 46;

const text = new Uint8Array(new ArrayBuffer(MOST_TEXT_BYTES));
const encoder = new TextEncoder();
const ip4 = new Uint8Array(new ArrayBuffer(4));
const ip6 = new Uint8Array(new ArrayBuffer(16));

/**
 * Begins to connect to an address: the new socket, non-blocking, or -1 if that fails at once or the text is no address.
 * With `mayWait` the last packet of the handshake waits for the first bytes, for `acknowledge`, or for 200 ms
 * (TCP_DELACK_MAX).
 */
export function dial({ ip, port }: Address, mayWait: boolean): number {
  const [family, bytes] = ip.includes(":") ? ([AF_INET6, ip6] as const) : ([AF_INET, ip4] as const);
  text[encoder.encodeInto(ip, text).written] = 0;
  if (libc.inet_pton(family, text, bytes) !== 1) return -1;
  const fd = libc.socket(family, STREAM, 0);
  if (fd < 0) return -1;
  if (mayWait) quickAck(fd, false);
  const to = encodeSockaddr(bytes, port);
  if (libc.connect(fd, to, to.byteLength) === 0 || errno() === Errno.EINPROGRESS) return fd;
  libc.close(fd);
  return -1;
}

/** Sends the acknowledgement that is due on a connected socket, if one is. */
export function acknowledge(fd: number): void {
  quickAck(fd, true);
}
