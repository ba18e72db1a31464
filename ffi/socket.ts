/**
 * Socket options Bun does not offer. A failed call is not reported: the only cause is a socket that has just
 * gone, and its owner hears of that by itself.
 */
import { libc } from "./libc.ts";

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_CORK = 3;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_QUICKACK = 12;
/** MSG_PEEK | MSG_DONTWAIT */
const PEEK = 0x42;
const POLLERR = 0x8;
const POLLRDHUP = 0x2000;
/** include/uapi/linux/sockios.h */
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;
const RLIMIT_NOFILE = 7;
/** The soft limit every Linux has started with; assumed if the kernel would not tell. */
const FALLBACK_FILE_LIMIT = 1024;

const optionValue = new Int32Array(new ArrayBuffer(4));
const oneByte = new Uint8Array(new ArrayBuffer(1));
/** struct pollfd of poll(2): a file, what is asked of it in the lower half of the second word, the answer above it. */
const polled = new Int32Array(new ArrayBuffer(8));

/** Turns TCP keep-alive on: first probe after `idleSeconds` of silence, then every `intervalSeconds`. */
export function keepAlive(fd: number, idleSeconds: number, intervalSeconds: number, probes: number): void {
  setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
  setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, intervalSeconds);
  setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

/** Changes only the silence before the first probe, also on a live connection. */
export function keepAliveIdle(fd: number, idleSeconds: number): void {
  setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
}

/** SO_RCVBUF of socket(7): the kernel doubles `bytes`, and lets the buffer grow no more (SOCK_RCVBUF_LOCK). */
export function receiveBuffer(fd: number, bytes: number): void {
  setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

/** TCP_QUICKACK of tcp(7): on sends what is due at once; off lets the next acknowledgement wait for company. */
export function quickAck(fd: number, on: boolean): void {
  setOption(fd, IPPROTO_TCP, TCP_QUICKACK, on ? 1 : 0);
}

/** TCP_CORK of tcp(7): what is written from now on waits for the rest of its packet, for FIN, or for 200 ms. */
export function cork(fd: number): void {
  setOption(fd, IPPROTO_TCP, TCP_CORK, 1);
}

/**
 * True if the FIN of the peer has come and all its bytes have been read. The socket stays as it is: recv alone would use
 * up the error of a reset, and whoever reads next would take that for a FIN.
 */
export function hasEnded(fd: number): boolean {
  polled[0] = fd;
  polled[1] = POLLRDHUP;
  if (libc.poll(polled, 1, 0) !== 1) return false;
  const isBroken = ((polled[1]! >>> 16) & POLLERR) !== 0;
  return !isBroken && Number(libc.recv(fd, oneByte, oneByte.byteLength, PEEK)) === 0;
}

/** listen(2) again on a listening socket: the new backlog, cut by net.core.somaxconn. */
export function backlog(fd: number, length: number): void {
  libc.listen(fd, length);
}

/** What the peer of a connected socket has not acknowledged, sent or not: tcp(7), SIOCOUTQ. 0 if the socket is gone. */
export function unacknowledgedBytes(fd: number): number {
  return queuedBytes(fd, SIOCOUTQ);
}

/** What of that is not sent, for want of room at the peer or on the way (SIOCOUTQNSD). 0 if the socket is gone. */
export function unsentBytes(fd: number): number {
  return queuedBytes(fd, SIOCOUTQNSD);
}

/** The soft limit of open files (RLIMIT_NOFILE) of this process. */
export function fileLimit(): number {
  const limits = new BigUint64Array(new ArrayBuffer(16));
  return libc.getrlimit(RLIMIT_NOFILE, limits) === 0 ? Number(limits[0]) : FALLBACK_FILE_LIMIT;
}

function setOption(fd: number, level: number, option: number, value: number): void {
  optionValue[0] = value;
  libc.setsockopt(fd, level, option, optionValue, optionValue.byteLength);
}

function queuedBytes(fd: number, which: number): number {
  return libc.ioctl(fd, which, optionValue) === 0 ? optionValue[0]! : 0;
}
