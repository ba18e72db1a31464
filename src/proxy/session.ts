/**
 * One client connection and its upstream.
 *
 * What happens to one socket is done to the other: FIN after the bytes before it, RST for RST, silence for silence.
 * The runtime's `close` event means several things, told apart here:
 *
 *   close with an error                   the connection broke (RST, EPIPE, ETIMEDOUT): reset the other side
 *   close without, we had sent our FIN    the peer's FIN, which Bun does not announce as `end` after our own
 *   close without, our FIN still due      bytes we accepted can no longer be delivered: as if it broke
 *   any close after a failed write        the write met the RST and used its error up: it broke
 *
 * `end()` of a Bun socket is never called: it closes both ways at once and drops what is queued.
 */
import type { CloseReason, Connection, ConnectionState, ConnInfo, Relay, StreamHandler } from "./handler.ts";
import { LAST_WORDS_MS, LastWords } from "./last-words.ts";
import type { SocketLike } from "./outbox.ts";
import { Side } from "./side.ts";

/** What a session asks of whoever runs it. */
export interface SessionHost {
  /** Connects `upstream` to the session's original destination. The outcome arrives in `opened` or `dialFailed`, perhaps before this returns. */
  dial(upstream: Side): void;
  /** A direction has ended, the first of the two: from now on silence is normal and must not cost the NAT entry. */
  halfClosed(session: Session): void;
  /** The session is over and will call no more. */
  over(session: Session, reason: CloseReason): void;
}

export class Session implements Relay, Connection {
  readonly client: Side = new Side(this, true);
  readonly upstream: Side = new Side(this, false);
  /** Gets every chunk; null while the session is opaque. */
  handler: StreamHandler | null = null;
  readonly #host: SessionHost;
  /** Hears the end, even when the session became opaque on the way. */
  #audience: StreamHandler | null = null;
  /** At least one direction has ended. */
  isHalfClosed = false;
  isOver = false;
  isFollowed = false;
  clientBytes = 0;
  upstreamBytes = 0;
  /** The dial has failed or was given up; last words of the client may be awaited. */
  #isUnreachable = false;

  constructor(
    readonly info: ConnInfo,
    host: SessionHost,
    readonly openedAtMs = 0,
  ) {
    this.#host = host;
    this.client.peer = this.upstream;
    this.upstream.peer = this.client;
  }

  /** Takes over the accepted socket. `handler` null relays without looking. */
  accept(socket: SocketLike, handler: StreamHandler | null): void {
    this.handler = handler;
    this.#audience = handler;
    this.isFollowed = handler !== null;
    this.client.open(socket);
  }

  get state(): ConnectionState {
    if (this.isHalfClosed) return "half-closed";
    return this.upstream.socket === null ? "dialling" : "open";
  }

  /** False once an upstream would come too late: the client has left, or its dial counts as failed. */
  get wantsUpstream(): boolean {
    return !this.isOver && !this.#isUnreachable;
  }

  /** Connects the upstream, unless the client has left meanwhile. */
  dial(): void {
    if (!this.isOver) this.#host.dial(this.upstream);
  }

  // --- what the sockets report ---

  /** The upstream is connected; what the client sent meanwhile goes out. Too late, it is reset and gets nothing. */
  opened(upstream: Side, socket: SocketLike): void {
    if (this.wantsUpstream) upstream.open(socket);
    else socket.terminate();
  }

  /** The upstream could not be reached, or not in time; in the second case the kernel's own verdict may follow. */
  dialFailed(): void {
    if (!this.wantsUpstream) return;
    this.#isUnreachable = true;
    const over = () => this.#finish("connect-failed");
    const { handler } = this;
    if (handler?.isUntouched !== true) {
      over();
      return;
    }
    this.handler = new LastWords(handler, over);
    setTimeout(over, LAST_WORDS_MS);
  }

  /** FIN from `side`. */
  ended(side: Side): void {
    if (side.ended || side.isBroken || this.isOver) return;
    side.ended = true;
    if (!this.isHalfClosed) {
      this.isHalfClosed = true;
      this.#host.halfClosed(this);
    }
    const { handler } = this;
    if (handler === null) side.peer.outbox.end();
    else if (side.isClient) handler.clientEnd();
    else handler.upstreamEnd();
  }

  /** The socket of `side` is closed; `broken` if the runtime gave an error. */
  closed(side: Side, broken: boolean): void {
    side.closed = true;
    // An upstream that opened too late was never ours.
    if (this.isOver || side.socket === null) return;
    if (broken || side.isBroken || !side.outbox.finSent) {
      this.broken(side);
      return;
    }
    this.ended(side);
    if (this.client.closed && this.upstream.closed) this.#finish("ended");
  }

  /** The connection of `side` is dead. */
  broken(side: Side): void {
    this.#finish(side.isClient ? "client-reset" : "upstream-reset");
  }

  // --- what the handler asks (Relay) ---

  toUpstream(bytes: Uint8Array, transient = false): void {
    this.upstream.outbox.write(bytes, transient);
  }

  toClient(bytes: Uint8Array, transient = false): void {
    this.client.outbox.write(bytes, transient);
  }

  endUpstream(): void {
    this.upstream.outbox.end();
  }

  endClient(): void {
    this.client.outbox.end();
  }

  becomeOpaque(): void {
    this.handler = null;
  }

  abort(): void {
    this.#finish("aborted");
  }

  #finish(reason: CloseReason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.handler = null;
    this.client.reset();
    this.upstream.reset();
    this.#host.over(this, reason);
    this.#audience?.closed(reason);
  }
}
