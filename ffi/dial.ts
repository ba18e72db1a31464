import type { Address } from "../src/address.ts";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";

const AF_INET = 2;
const AF_INET6 = 10;
/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
const STREAM = 0o2004001;
const IPPROTO_TCP = 6;
const TCP_QUICKACK = 12;
/** INET6_ADDRSTRLEN of inet_pton(3). */
const MOST_TEXT_BYTES = 46;

const option = new Int32Array(new ArrayBuffer(4));
const text = new Uint8Array(new ArrayBuffer(MOST_TEXT_BYTES));
const encoder = new TextEncoder();
/** sockaddr_in and sockaddr_in6 (see sockaddr.ts), and the addresses in them. */
const [sockaddr, sockaddr6] = [sockaddrOf(AF_INET, 16), sockaddrOf(AF_INET6, 28)];
const [ip4, ip6] = [sockaddr.subarray(4), sockaddr6.subarray(8)];

/**
 * Begins to connect to an address: the new socket, non-blocking, or -1 if that fails at once or the text is no address.
 * With `mayWait` the last packet of the handshake waits for the first bytes, for `acknowledge`, or for 200 ms
 * (TCP_DELACK_MAX).
 */
export function dial({ ip, port }: Address, mayWait: boolean): number {
  const isIp6 = ip.includes(":");
  const [family, to, into] = isIp6 ? [AF_INET6, sockaddr6, ip6] : [AF_INET, sockaddr, ip4];
  const fd = libc.socket(family, STREAM, 0);
  if (fd < 0) return -1;
  if (mayWait) setQuickAck(fd, 0);
  text[encoder.encodeInto(ip, text).written] = 0;
  const isAddress = libc.inet_pton(family, text, into) === 1;
  to[2] = port >> 8;
  to[3] = port & 0xff;
  if (isAddress && (libc.connect(fd, to, to.byteLength) === 0 || errno() === Errno.EINPROGRESS)) return fd;
  libc.close(fd);
  return -1;
}

/** Sends the acknowledgement that is due on a connected socket, if one is (tcp(7), TCP_QUICKACK). */
export function acknowledge(fd: number): void {
  setQuickAck(fd, 1);
}

function setQuickAck(fd: number, value: 0 | 1): void {
  option[0] = value;
  libc.setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, option, option.byteLength);
}

function sockaddrOf(family: number, length: number): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(length));
  bytes[0] = family;
  return bytes;
}
