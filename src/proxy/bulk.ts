/**
 * What is done about large chunks, which are not many but hold the memory.
 *
 * Bun reads up to 512 KiB at once, and when the reader of a transfer stops, what is left of one read waits here. Linux
 * lets a receive buffer grow while it is emptied quickly, so a sender in this network namespace soon fills such reads.
 * Over no distance a large buffer brings nothing, so there it is kept about as small as it begins. A sender elsewhere
 * needs it for its throughput, and rarely fills it.
 */
import type { Kernel } from "./kernel.ts";
import type { Side } from "./side.ts";

/**
 * About what one read then gives; the kernel doubles it for its own bookkeeping (socket(7), SO_RCVBUF). With 64 KiB a
 * megabyte costs a fifth more CPU, 128 KiB hold twice as much.
 */
const LOCAL_RECEIVE_BYTES = 80 * 1024;

/** Keeps what can be read at once from `side` small, if it is in this network namespace. Called for each large chunk. */
export function limitReads(side: Side, kernel: Kernel): void {
  if (side.isBulk || side.socket === null) return;
  side.isBulk = true;
  const isLocal = side.isClient === (side.session.info.direction === "outbound");
  if (isLocal) kernel.receiveBuffer(side.socket.fd, LOCAL_RECEIVE_BYTES);
}
