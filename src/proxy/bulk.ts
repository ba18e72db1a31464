/**
 * What is done about large chunks, which are not many but hold the memory.
 *
 * Bun reads up to 512 KiB at once, and when the reader of a transfer stops, what is left of one read waits here. Linux
 * lets a receive buffer grow while it is emptied quickly, so a sender in this network namespace soon fills such reads.
 * Over no distance a large buffer brings nothing, so there it is kept about as small as it begins. A sender elsewhere
 * needs it for its throughput, and rarely fills it; but where many do at the same time, all their buffers are cut.
 */
import type { Kernel } from "./kernel.ts";
import type { Side } from "./side.ts";

/**
 * About what one read then gives; the kernel doubles it for its own bookkeeping (socket(7), SO_RCVBUF). With 64 KiB a
 * megabyte costs a fifth more CPU, 128 KiB hold twice as much.
 */
const LOCAL_RECEIVE_BYTES = 80 * 1024;
/** From here on senders are a crowd, and share this. With shares of 16 KiB a megabyte costs half as much again. */
const CROWD_BYTES = 16 * 1024 * 1024;
const LEAST_SHARE_BYTES = 32 * 1024;
/** What was limited once does not grow by itself again. Kernels cut it to net.core.rmem_max, mostly 208 KiB. */
const WIDE_RECEIVE_BYTES = 256 * 1024;
const LARGEST_READ_BYTES = 512 * 1024;

/** Keeps reads small where that is needed; for all connections of one event loop. */
export class BulkReads {
  readonly #kernel: Kernel;
  #senders = 0;
  /** Of what each sender's last read gave, the sum: about what would wait here if their readers stopped now. */
  #bytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A chunk of `bytes` came from `side`: a large one, or any after a large one. */
  came(side: Side, bytes: number): void {
    if (side.fd < 0) return;
    if (side.bulkBytes === 0) this.#senders++;
    this.#count(side, bytes);
    const most = isLocal(side) ? LOCAL_RECEIVE_BYTES : WIDE_RECEIVE_BYTES;
    const limit = side.receiveBytes;
    if (this.#bytes > CROWD_BYTES) {
      this.#limit(side, Math.min(limit || most, this.#share()));
    } else if (limit === 0) {
      if (isLocal(side)) this.#limit(side, most);
    } else if (limit < most && this.#bytes <= CROWD_BYTES / 2) {
      this.#limit(side, most);
      // Until its next chunk shows what it does with it: not all are to be let go at once.
      this.#count(side, LARGEST_READ_BYTES);
    }
  }

  /** Nothing more comes from `side`. */
  left(side: Side): void {
    if (side.bulkBytes === 0) return;
    this.#senders--;
    this.#count(side, 0);
  }

  #count(side: Side, bytes: number): void {
    this.#bytes += bytes - side.bulkBytes;
    side.bulkBytes = bytes;
  }

  /** A power of two, so that it does not change with every sender. */
  #share(): number {
    return Math.max(LEAST_SHARE_BYTES, 1 << (31 - Math.clz32(CROWD_BYTES / this.#senders)));
  }

  #limit(side: Side, bytes: number): void {
    if (side.receiveBytes === bytes) return;
    side.receiveBytes = bytes;
    this.#kernel.receiveBuffer(side.fd, bytes);
  }
}

/** Whether the sender is in this network namespace. */
function isLocal(side: Side): boolean {
  return side.isClient === (side.session.info.direction === "outbound");
}
