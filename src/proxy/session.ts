/**
 * One client connection and its upstream, which a handler may replace by another.
 *
 * What happens to one socket is done to the other: FIN after the bytes before it, RST for RST, silence for silence.
 * The runtime's `close` event means several things, told apart here:
 *
 *   close with an error                   the connection broke (RST, EPIPE, ETIMEDOUT): reset the other side
 *   close without, we had sent our FIN    the peer's FIN, which Bun does not announce as `end` after our own
 *   close without, our FIN still due      bytes we accepted can no longer be delivered: as if it broke
 *   any close after a failed write        the write met the RST and used its error up: it broke
 *
 * `end()` of a Bun socket closes both ways at once and drops what is queued. So it is only called on an upstream that
 * the session leaves when nothing is queued for it.
 */
import type { Address } from "../address.ts";
import { deaf } from "./deaf.ts";
import { whenDelivered } from "./delivery.ts";
import type {
  Afterwork,
  CloseReason,
  Connection,
  ConnectionState,
  ConnInfo,
  Relay,
  StreamHandler,
} from "./handler.ts";
import { LAST_WORDS_MS, LastWords } from "./last-words.ts";
import type { SocketLike } from "./outbox.ts";
import { Side } from "./side.ts";
import { doAfterTurn } from "./turn.ts";

/** What a session asks of whoever runs it. */
export interface SessionHost {
  /** Dials the upstream of a session that was accepted in this turn, unless it must not be. */
  dialFirst(session: Session): void;
  /** Connects `upstream` to its address. The outcome arrives in `opened` or `dialFailed`, perhaps before this returns. */
  dial(upstream: Side): void;
  /** The session has left `upstream` and will take another. */
  left(upstream: Side): void;
  /** What the kernel took for `side` and its peer has not acknowledged; 0 before its socket opens. */
  unacknowledgedBytes(side: Side): number;
  /** What of that has not been sent yet. */
  unsentBytes(side: Side): number;
  /** The FIN of `side` has come, and nothing is left to be read before it. */
  hasEnded(side: Side): boolean;
  /** What is written to `side` from now on leaves with the FIN that follows. */
  cork(side: Side): void;
  /** Tells the peer of `side` at once what has come from it. */
  acknowledge(side: Side): void;
  /** A chunk of `bytes` has come from `side`: a large one, or any after a large one. */
  bulk(side: Side, bytes: number): void;
  /** A bug, which costs the session. */
  failed(error: unknown): void;
  /** A direction has ended, the first of the two: from now on silence is normal and must not cost the NAT entry. */
  halfClosed(session: Session): void;
  /** The session is over and will call no more. */
  over(session: Session, reason: CloseReason): void;
}

export class Session implements Relay, Connection {
  readonly client: Side;
  upstream: Side;
  /** Gets every chunk; null while the session is opaque. */
  handler: StreamHandler | null = null;
  readonly #host: SessionHost;
  /** Hears the end, even when the session became opaque on the way. */
  #audience: StreamHandler | null = null;
  /** Its neighbours in the list of all sessions. */
  older: Session | null = null;
  newer: Session | null = null;
  /** At least one direction has ended. */
  isHalfClosed = false;
  isOver = false;
  isFollowed = false;
  clientBytes = 0;
  upstreamBytes = 0;
  /** The dial has failed or was given up; last words of the client may be awaited. */
  #isUnreachable = false;
  /** The handler has chosen an upstream. */
  #isRouted = false;
  /** The side that is gone while the other still gets what came before. */
  #lost: Side | null = null;
  #delivery: Timer | null = null;

  constructor(
    readonly info: ConnInfo,
    host: SessionHost,
    readonly openedAtMs = 0,
  ) {
    this.#host = host;
    this.client = new Side(this, true);
    this.upstream = this.#newUpstream();
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

  /** False once this upstream would come too late: it was left, the client has left, or its dial counts as failed. */
  wants(upstream: Side): boolean {
    return !this.isOver && !this.#isUnreachable && upstream === this.upstream;
  }

  /** Connects the upstream, unless the client has left meanwhile. */
  dial(): void {
    if (!this.isOver) this.#host.dial(this.upstream);
  }

  /** Connects the first upstream. */
  dialFirst(): void {
    this.#host.dialFirst(this);
  }

  /** A bug showed outside the events of its sockets, which would have reported it. */
  failed(error: unknown): void {
    this.#host.failed(error);
    this.abort();
  }

  // --- what the sockets report ---

  /** The upstream is connected; what the client sent meanwhile goes out. Too late, it is reset and gets nothing. */
  opened(upstream: Side, socket: SocketLike): void {
    if (this.wants(upstream)) upstream.open(socket);
    else socket.terminate();
  }

  /** The upstream could not be reached, or not in time; in the second case the kernel's own verdict may follow. */
  dialFailed(upstream: Side): void {
    if (!this.wants(upstream) || this.#managesWithout()) return;
    this.#isUnreachable = true;
    const { handler } = this;
    if (handler?.isUntouched === true) this.#awaitLastWords(handler);
    else this.#lose(upstream, "connect-failed");
  }

  #awaitLastWords(handler: StreamHandler): void {
    const over = () => this.#finish("connect-failed");
    this.handler = new LastWords(handler, over);
    setTimeout(over, LAST_WORDS_MS);
  }

  /** A large chunk came from `side`, or one after a large one. */
  bulk(side: Side, bytes: number): void {
    if (!this.isOver) this.#host.bulk(side, bytes);
  }

  /** Looks for a FIN of `side` that the runtime would tell of in the next turn. */
  lookForEnd(side: Side): void {
    if (this.#host.hasEnded(side)) this.ended(side);
  }

  /** The last bytes for `side` are about to leave. */
  cork(side: Side): void {
    this.#host.cork(side);
  }

  /** The first bytes of `side` have come, and more may. */
  acknowledge(side: Side): void {
    this.#host.acknowledge(side);
  }

  /** FIN from `side`. */
  ended(side: Side): void {
    if (side.ended || side.isBroken || this.isOver) return;
    if (!side.isClient && this.#managesWithout()) return;
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
    if (side.isClient) this.#lose(side, "client-reset");
    else if (side === this.upstream && !this.#managesWithout()) this.#lose(side, "upstream-reset");
  }

  // --- what the handler asks (Relay) ---

  toUpstream(bytes: Uint8Array, transient = false): void {
    this.upstream.outbox.write(bytes, transient);
  }

  toClient(bytes: Uint8Array, transient = false): boolean {
    return this.client.outbox.write(bytes, transient);
  }

  afterTurn(work: Afterwork): void {
    doAfterTurn(work);
  }

  endUpstream(): void {
    this.upstream.outbox.end();
  }

  endClient(): void {
    this.client.outbox.end();
  }

  disconnect(done: () => void): boolean {
    const { outbox } = this.upstream;
    const isSent = outbox.whenSent(() => {
      this.#leave();
      done();
    });
    if (isSent) this.#leave();
    return isSent;
  }

  connect(address: Address | null): void {
    this.#isRouted = true;
    if (address !== null) this.upstream.address = address;
    // Not in this turn: what fails at once would close the handler in the middle of its own call.
    setImmediate(address === null ? failDial : dial, this, this.upstream);
  }

  pauseClient(): void {
    this.client.pause();
  }

  resumeClient(): void {
    this.client.resume();
  }

  becomeOpaque(): void {
    this.handler = null;
  }

  abort(): void {
    this.#finish("aborted");
  }

  // --- upstreams ---

  #newUpstream(): Side {
    const upstream = new Side(this, false);
    upstream.peer = this.client;
    this.client.peer = upstream;
    return upstream;
  }

  /** Replaces the upstream by a new one that nobody has dialled yet; the old one is closed if it still is there. */
  #leave(): void {
    const last = this.upstream;
    this.upstream = this.#newUpstream();
    if (this.client.outbox.isSourcePaused) this.upstream.pause();
    if (last.outbox.isSourcePaused) this.client.resume();
    this.#host.left(last);
    last.close();
  }

  /** True if the handler goes on without the upstream, which is gone. */
  #managesWithout(): boolean {
    const { handler } = this;
    if (handler === null || handler.needsUpstream) return false;
    this.#leave();
    handler.upstreamLost();
    return true;
  }

  /** `side` is gone, and the other hears of it when what was sent before is on its way: a reset takes away the rest. */
  #lose(side: Side, reason: CloseReason): void {
    if (this.isOver || this.#lost === side) return;
    const { peer } = side;
    peer.outbox.depart();
    const isLast = this.#lost !== null || (side.isClient && this.#isRouted);
    if (isLast || this.#undeliveredBytes(peer) === 0) {
      this.#finish(reason);
      return;
    }
    this.#lost = side;
    this.handler = deaf;
    // What the other still sends is for nobody, but it may want to send all of it before it reads.
    if (side.outbox.isSourcePaused) peer.resume();
    side.reset();
    this.#delivery = whenDelivered(
      () => this.#undeliveredBytes(peer),
      () => this.#finish(reason),
    );
  }

  /** What earlier upstreams sent is to arrive, though packets get lost; what came from `side` alone fares as without us. */
  #undeliveredBytes(side: Side): number {
    if (side.closed) return 0;
    const host = this.#host;
    return (
      side.outbox.queuedBytes + (this.#isRouted ? host.unacknowledgedBytes(side) : host.unsentBytes(side))
    );
  }

  #finish(reason: CloseReason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.handler = null;
    if (this.#delivery !== null) clearInterval(this.#delivery);
    this.client.reset();
    this.upstream.reset();
    this.#host.over(this, reason);
    this.#audience?.closed(reason);
  }
}

function dial(session: Session, upstream: Side): void {
  if (upstream === session.upstream) session.dial();
}

function failDial(session: Session, upstream: Side): void {
  session.dialFailed(upstream);
}
