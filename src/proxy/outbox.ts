/**
 * The bytes on their way to one socket.
 *
 * Small writes depart at the end of the turn of the event loop, large ones and those of quiet turns at once (see turn.ts).
 * FIN that is asked for before the end of the turn shares the packet of the last bytes: a packet less on the wire, and
 * the receiver is woken once for both.
 *
 * Bun's sockets keep nothing: `write` returns how much the kernel took, and the rest is ours. So the rest waits here,
 * in order, and the source of the bytes is told to stop reading until it has gone. Once the socket is open the source
 * pauses at the first byte the kernel refuses, which bounds the queue to what one turn produced. Before it is open
 * everything waits, and the source pauses only when that becomes worth two epoll_ctl calls.
 */
import { type Departing, departLater, departsAtOnce, keepForTurn } from "./turn.ts";

/** What an outbox and a session need of a Bun TCP socket; a fake stands in for it in tests. */
export interface SocketLike {
  /** -1 once closed. */
  readonly fd: number;
  /** Bytes the kernel took, 0 if it is full, -1 if closed, shut down or dead. */
  write(bytes: Uint8Array): number;
  /** FIN; reading goes on. */
  shutdown(): void;
  /** RST, both ways at once; the close event runs inside the call. */
  terminate(): void;
  /** FIN and no more reading, both at once; the close event runs inside the call. */
  end(): void;
  pause(): void;
  resume(): void;
}

/** Whom an outbox belongs to. */
export interface OutboxOwner {
  /** Stop, or go on, reading what ends up in this outbox. */
  pauseSource(): void;
  resumeSource(): void;
  /** The first bytes are about to leave. */
  firstDeparts(): void;
  /** The last bytes are about to leave, and FIN will follow. */
  lastDeparts(): void;
  /** A bug showed when nobody but the outbox was there to see it. */
  failed(error: unknown): void;
  /** The connection is dead: what was written is lost, and the socket may never say so itself. */
  broken(): void;
}

const UNOPENED_PAUSE_BYTES = 16 * 1024;
/** Tiny chunks cost more than their bytes: 64 of them pause the source as well. */
const UNOPENED_PAUSE_CHUNKS = 64;
/**
 * More than that in one turn departs at once: the copy of transient bytes would cost more than it brings. Less than
 * LARGE_BYTES of socket-events.ts, whose memory is freed within the turn, while what departs later is read later.
 */
const MAX_LATER_BYTES = 16 * 1024;
const NOTHING = new Uint8Array(0);

export class Outbox implements Departing {
  readonly #owner: OutboxOwner;
  #socket: SocketLike | null = null;
  readonly #queue: Uint8Array[] = [];
  /** Index of the first chunk in `queue` that is not yet written. */
  #first = 0;
  /** What waits departs at the end of the turn. Until then the source is not paused, whatever the kernel says. */
  #isDeparting = false;
  #sourcePaused = false;
  #finAsked = false;
  #discarded = false;
  #sent: (() => void) | null = null;
  /** Bytes that wait for the socket. */
  queuedBytes = 0;
  /** Bytes have left. */
  hasSent = false;
  /** The FIN has left: nothing can follow. */
  finSent = false;

  constructor(owner: OutboxOwner) {
    this.#owner = owner;
  }

  /**
   * Writes `bytes`, or queues what the kernel does not take, after everything before. With `transient` the memory is
   * only valid during the call. Once the socket is gone bytes are dropped. True if they depart at the end of this turn.
   */
  write(bytes: Uint8Array, transient: boolean): boolean {
    const socket = this.#socket;
    if (socket === null || (this.queuedBytes > 0 && !this.#isDeparting)) {
      this.#enqueue(bytes, transient);
      return false;
    }
    const isSmall = this.queuedBytes + bytes.byteLength <= MAX_LATER_BYTES;
    if (isSmall && (this.#isDeparting || !departsAtOnce())) return this.#writeLater(bytes, transient);
    if (this.#isDeparting) {
      this.#depart();
      return this.write(bytes, transient);
    }
    const taken = socket.write(bytes);
    this.hasSent ||= taken > 0;
    if (taken === bytes.byteLength) return false;
    if (taken < 0) this.#failed();
    // A copy, so that of a large chunk only that stays: the receiver may be slow, or never read again.
    else this.#enqueue(bytes.subarray(taken), true);
    return false;
  }

  /** True if `bytes`, which were the last to be written, wait here themselves; else their memory is not needed here. */
  keeps({ buffer }: Uint8Array): boolean {
    return this.#queue.at(-1)?.buffer === buffer;
  }

  /** The source of the bytes was told to stop, and not yet to go on. */
  get isSourcePaused(): boolean {
    return this.#sourcePaused;
  }

  /** True if nothing waits for an open socket; else `sent` is called when everything has gone. */
  whenSent(sent: () => void): boolean {
    if (this.#socket === null || this.queuedBytes === 0) return true;
    this.#sent = sent;
    return false;
  }

  /** FIN after everything queued. Nothing may be written after it. */
  end(): void {
    if (this.#finAsked) return;
    this.#finAsked = true;
    if (this.#socket !== null && this.queuedBytes === 0) this.#sendFin(this.#socket);
  }

  /** The socket is connected: what waited goes out. */
  open(socket: SocketLike): void {
    if (this.#discarded) return;
    this.#socket = socket;
    this.writable();
  }

  /** The socket may take bytes again. Harmless when nothing waits: Bun's `drain` event is often spurious. */
  writable(): void {
    const socket = this.#socket;
    if (socket === null || !this.#flush(socket)) return;
    if (this.#sourcePaused) {
      this.#sourcePaused = false;
      this.#owner.resumeSource();
    }
    if (this.#finAsked && !this.finSent) this.#sendFin(socket);
    const sent = this.#sent;
    this.#sent = null;
    sent?.();
  }

  /** The end of the turn: what the kernel refuses now waits for `writable`. */
  depart(): void {
    if (!this.#isDeparting) return;
    if (!this.hasSent) this.#owner.firstDeparts();
    if (this.#finAsked) this.#owner.lastDeparts();
    this.#depart();
  }

  #depart(): void {
    this.#isDeparting = false;
    this.writable();
    if (this.queuedBytes === 0) return;
    for (let i = this.#first; i < this.#queue.length; i++) this.#queue[i] = copyOf(this.#queue[i]!);
    this.#pauseIfFull();
  }

  failed(error: unknown): void {
    this.#owner.failed(error);
  }

  /** Drops everything, now and later: the socket is gone, or about to be. What is departing goes before. */
  discard(): void {
    if (this.#isDeparting) {
      this.#isDeparting = false;
      if (this.#socket !== null) this.#flush(this.#socket);
    }
    this.#discarded = true;
    this.#sent = null;
    this.#socket = null;
    this.#clear();
  }

  #enqueue(bytes: Uint8Array, transient: boolean): void {
    if (this.#discarded || bytes.byteLength === 0) return;
    this.#queue.push(transient ? copyOf(bytes) : unpinned(bytes));
    this.queuedBytes += bytes.byteLength;
    this.#pauseIfFull();
  }

  #writeLater(bytes: Uint8Array, transient: boolean): boolean {
    if (bytes.byteLength === 0 || this.#finAsked) return false;
    this.#queue.push(transient ? keepForTurn(bytes) : bytes);
    this.queuedBytes += bytes.byteLength;
    if (!this.#isDeparting) departLater(this);
    this.#isDeparting = true;
    return true;
  }

  #pauseIfFull(): void {
    if (this.#sourcePaused || !this.#isFull()) return;
    this.#sourcePaused = true;
    this.#owner.pauseSource();
  }

  #isFull(): boolean {
    return (
      this.#socket !== null ||
      this.queuedBytes >= UNOPENED_PAUSE_BYTES ||
      this.#queue.length >= UNOPENED_PAUSE_CHUNKS
    );
  }

  /** True once nothing is queued any more. */
  #flush(socket: SocketLike): boolean {
    while (this.queuedBytes > 0) {
      const chunk = this.#queue[this.#first]!;
      const taken = socket.write(chunk);
      if (taken < 0) {
        this.#failed();
        return false;
      }
      this.queuedBytes -= taken;
      this.hasSent ||= taken > 0;
      if (taken < chunk.byteLength) {
        this.#queue[this.#first] = unpinned(chunk.subarray(taken));
        return false;
      }
      this.#queue[this.#first++] = NOTHING;
    }
    this.#clear();
    return true;
  }

  #failed(): void {
    if (this.finSent) return;
    this.#isDeparting = false;
    this.discard();
    this.#owner.broken();
  }

  #sendFin(socket: SocketLike): void {
    this.finSent = true;
    socket.shutdown();
  }

  #clear(): void {
    this.#queue.length = 0;
    this.#first = 0;
    this.queuedBytes = 0;
  }
}

/** A view keeps the whole chunk it was cut from alive; a small rest of a large chunk is cheaper as a copy. */
function unpinned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 8 < bytes.buffer.byteLength ? copyOf(bytes) : bytes;
}

/** Not `slice`: a Buffer's gives a view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
