import type { Address } from "../address.ts";

/**
 * What the proxy asks of the kernel beyond Bun's sockets; implemented in ffi/, faked in tests. The `fd` of a socket that
 * has gone, or is not there yet, is -1, and nothing happens to it.
 */
export interface Kernel {
  /**
   * The two ends of a connected socket, null once it is gone. Bun's sockets tell address and port apart, by a system
   * call each.
   */
  peerAddress(fd: number): Address | null;
  localAddress(fd: number): Address | null;
  /**
   * The destination a redirected connection had before REDIRECT. `family` is that of the peer's unmapped address.
   * Null if the kernel knows none (no conntrack entry, or the socket is gone).
   */
  originalDst(fd: number, family: 4 | 6): Address | null;
  /**
   * Begins to connect to an address: the new socket, or -1 if that fails at once. With `mayWait` the last packet of its
   * handshake waits a moment for company: for the first bytes, or for `acknowledge`.
   */
  dial(address: Address, mayWait: boolean): number;
  /** Sends the acknowledgement that is due on a connected socket, if one is. */
  acknowledge(fd: number): void;
  /** SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL (seconds) and TCP_KEEPCNT. Accepted sockets inherit a listener's. */
  keepAlive(fd: number, idleSeconds: number, intervalSeconds: number, probes: number): void;
  /** TCP_KEEPIDLE alone. */
  keepAliveIdle(fd: number, idleSeconds: number): void;
  /** What is written to a connected socket from now on waits for the rest of its packet, or for FIN. */
  cork(fd: number): void;
  /** The FIN of a connected socket's peer has come, and all bytes before it have been read. */
  hasEnded(fd: number): boolean;
  /** Bytes written to a connected socket that its peer has not acknowledged; 0 if the socket is gone. */
  unacknowledgedBytes(fd: number): number;
  /** Bytes written to a connected socket that have not been sent yet; 0 if the socket is gone. */
  unsentBytes(fd: number): number;
  /** SO_RCVBUF: bounds what the peer can send before it is read; the buffer does not grow any more. */
  receiveBuffer(fd: number, bytes: number): void;
  /** listen(2) again on a listening socket: raises its backlog (Bun's is fixed at 512). */
  backlog(fd: number, length: number): void;
}
