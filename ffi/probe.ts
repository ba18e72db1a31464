/** One real connection to find out whether it is redirected: blocking, and over in `timeoutMs` at most. */
import type { Address } from "../src/address.ts";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { originalDst } from "./original-dst.ts";
import { AF_INET, AF_INET6, encodeSockaddr } from "./sockaddr.ts";

const SOCK_STREAM_CLOEXEC = 0o2000001;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;

/** An IP address, as text and as 4 or 16 bytes, and a port. */
export interface Endpoint extends Address {
  readonly bytes: Uint8Array;
}

/**
 * - `redirected`: the listener got it, and the kernel knows where it was going
 * - `answered`: somebody else has the listener's port, and somebody answered
 * - `silent`: it was sent, and the listener did not get it
 * - `unreachable`: it could not even be sent
 */
export type ProbeOutcome = "redirected" | "answered" | "silent" | "unreachable";

/** Connects to `to` while listening at `at`, both of one family. */
export function probe(at: Endpoint, to: Endpoint, timeoutMs: number): ProbeOutcome {
  const files: number[] = [];
  try {
    const listener = open(files, at, timeoutMs);
    const client = open(files, to, timeoutMs);
    const isListening = bindAndListen(listener, at);
    if (!connect(client, to)) return NOT_SENT.has(errno()) ? "unreachable" : "silent";
    if (!isListening) return "answered";
    const accepted = libc.accept4(listener, null, null, SOCK_CLOEXEC);
    if (accepted < 0) return "silent";
    files.push(accepted);
    const found = originalDst(accepted, to.bytes.length === 4 ? 4 : 6);
    return found?.ip === to.ip && found.port === to.port ? "redirected" : "silent";
  } finally {
    for (const fd of files) libc.close(fd);
  }
}

/** No socket of that family, no address to send from, no way there. */
const NOT_SENT: ReadonlySet<number> = new Set([
  Errno.EBADF,
  Errno.EADDRNOTAVAIL,
  Errno.ENETUNREACH,
  Errno.EHOSTUNREACH,
]);

function open(files: number[], { bytes }: Endpoint, timeoutMs: number): number {
  const fd = libc.socket(bytes.length === 4 ? AF_INET : AF_INET6, SOCK_STREAM_CLOEXEC, 0);
  if (fd < 0) return fd;
  files.push(fd);
  const seconds = Math.floor(timeoutMs / 1000);
  const timeout = new BigInt64Array(new ArrayBuffer(16));
  timeout[0] = BigInt(seconds);
  timeout[1] = BigInt(1000 * (timeoutMs - 1000 * seconds));
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
    libc.setsockopt(fd, SOL_SOCKET, option, timeout, timeout.byteLength);
  }
  return fd;
}

function bindAndListen(fd: number, { bytes, port }: Endpoint): boolean {
  const yes = new Int32Array(new ArrayBuffer(4)).fill(1);
  libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, yes, yes.byteLength);
  const sockaddr = encodeSockaddr(bytes, port);
  return libc.bind(fd, sockaddr, sockaddr.length) === 0 && libc.listen(fd, 1) === 0;
}

function connect(fd: number, { bytes, port }: Endpoint): boolean {
  const sockaddr = encodeSockaddr(bytes, port);
  return libc.connect(fd, sockaddr, sockaddr.length) === 0;
}
