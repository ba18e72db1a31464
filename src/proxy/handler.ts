/**
 * The contract between the bytes (proxy/) and whoever understands them (mesh/).
 *
 * A session without a handler is opaque: each chunk goes straight from one socket to the other. A session with
 * a handler gives it every chunk, and the handler decides what is written. All calls are synchronous, none may
 * throw for what a peer sent, and none may keep a chunk's memory longer than it needs.
 */
import type { Address } from "../address.ts";

/** Towards the local application, or from it. */
export type Direction = "inbound" | "outbound";

/** Who is connected to whom; fixed for the life of a session. */
export interface ConnInfo {
  readonly id: number;
  readonly direction: Direction;
  /** The accepted socket's peer. */
  readonly client: Address;
  /** Where the client wanted to go before REDIRECT, asked of the kernel. */
  readonly originalDst: Address;
}

/**
 * Why a session is over.
 * - `ended`: both directions ended with FIN.
 * - `client-reset`, `upstream-reset`: that peer sent RST or its connection broke.
 * - `connect-failed`: the upstream could not be reached.
 * - `aborted`: we gave up (drain deadline, loop guard, handler asked).
 */
export type CloseReason = "ended" | "client-reset" | "upstream-reset" | "connect-failed" | "aborted";

/** What a handler hears about its session. */
export interface StreamHandler {
  /**
   * True as long as nothing has come from the client. If the upstream cannot be reached by then, the session gives the
   * client a moment for its first bytes before it is reset, so that the handler knows what failed.
   */
  readonly isUntouched: boolean;
  /**
   * False while the connection can do without its upstream: then the end, the reset or the refusal of that one is not
   * passed on, and `upstreamLost` is called instead. To know, the handler may read what has come.
   */
  readonly needsUpstream: boolean;
  /** Bytes from the client. The chunk is never reused by the runtime: it may be kept and forwarded as is. */
  clientData(chunk: Uint8Array): void;
  /** The client sent FIN. The handler passes it on with `relay.endUpstream()`. */
  clientEnd(): void;
  /** Bytes from the upstream. Once they have left for the client, the chunk may be kept no longer than the turn. */
  upstreamData(chunk: Uint8Array): void;
  /** The upstream sent FIN. The handler passes it on with `relay.endClient()`. */
  upstreamEnd(): void;
  /** The upstream has gone. What is written to it from now on waits for the next `relay.connect`. */
  upstreamLost(): void;
  /** The last call: nothing can be written any more. Called exactly once, also after `becomeOpaque`. */
  closed(reason: CloseReason): void;
}

/** Work that can wait until the bytes of this turn are on their way. */
export interface Afterwork {
  afterTurn(): void;
}

/** What a handler can do to its session. Writes keep their order and never block; backpressure is the session's. */
export interface Relay {
  /**
   * Queues or writes bytes towards the upstream. With `transient` the memory is only valid during the call (a
   * scratch buffer): what does not leave in it is copied.
   */
  toUpstream(bytes: Uint8Array, transient?: boolean): void;
  /** True if they depart at the end of this turn of the event loop: what only reads them can wait until then. */
  toClient(bytes: Uint8Array, transient?: boolean): boolean;
  /** Does `work` at the end of this turn, once everything that departs in it has gone. */
  afterTurn(work: Afterwork): void;
  /** FIN towards the upstream after everything queued for it. */
  endUpstream(): void;
  endClient(): void;
  /**
   * Closes the upstream once everything queued for it has gone; nothing more is heard of it. True if that is done, else
   * `done` is called when it is, or `upstreamLost` if it went by itself before.
   */
  disconnect(done: () => void): boolean;
  /**
   * Dials another upstream, after `disconnect` or `upstreamLost`. What is written meanwhile waits for it. Its failure
   * ends the session, but only when the client has everything that earlier upstreams sent it. Null, for an upstream
   * that has no address, fails.
   */
  connect(address: Address | null): void;
  /** No more bytes are wanted from the client, but for those already read, until `resumeClient`. */
  pauseClient(): void;
  resumeClient(): void;
  /** From the next chunk on the session relays without the handler (which still hears `closed`). */
  becomeOpaque(): void;
  /** Reset both sides now. */
  abort(): void;
}

/**
 * - `dialling`: the upstream is not connected yet.
 * - `open`: both directions are open.
 * - `half-closed`: one has ended with FIN.
 */
export type ConnectionState = "dialling" | "open" | "half-closed";

/** A session as everybody else may see it. */
export interface Connection {
  readonly info: ConnInfo;
  /** It was given a handler when it began; it may have become opaque since. */
  readonly isFollowed: boolean;
  /** Monotonic milliseconds. */
  readonly openedAtMs: number;
  readonly state: ConnectionState;
  /** Bytes received from the client and from the upstream so far. */
  readonly clientBytes: number;
  readonly upstreamBytes: number;
}

/** Watches sessions; never touches bytes, never throws. */
export interface ConnectionObserver {
  opened(connection: Connection): void;
  /** Its upstream is connected, `dialMs` after the dial began; once for each, where requests go to several. */
  connected(connection: Connection, dialMs: number): void;
  /** The last call for this one. */
  closed(connection: Connection, reason: CloseReason): void;
}

/** Chooses the handler once per connection; null means opaque. */
export type HandlerFactory = (info: ConnInfo, relay: Relay) => StreamHandler | null;
