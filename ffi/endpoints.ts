import type { Address } from "../src/address.ts";
import { libc } from "./libc.ts";
import { decodeEndpoint } from "./sockaddr.ts";

const SOCKADDR_IN6_BYTES = 28;

const sockaddr = new Uint8Array(new ArrayBuffer(SOCKADDR_IN6_BYTES));
const sockaddrLength = new Uint32Array(new ArrayBuffer(4));

/** Who is at the other end of a connected socket: getpeername(2). Null once the connection is gone. */
export function peerAddress(fd: number): Address | null {
  sockaddrLength[0] = SOCKADDR_IN6_BYTES;
  return libc.getpeername(fd, sockaddr, sockaddrLength) === 0 ? decodeEndpoint(sockaddr) : null;
}

/** The address of our end: getsockname(2). Null if there is no such socket. */
export function localAddress(fd: number): Address | null {
  sockaddrLength[0] = SOCKADDR_IN6_BYTES;
  return libc.getsockname(fd, sockaddr, sockaddrLength) === 0 ? decodeEndpoint(sockaddr) : null;
}
