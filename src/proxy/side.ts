import type { Address } from "../address.ts";
import type { Afterwork } from "./handler.ts";
import { Outbox, type OutboxOwner, type SocketLike } from "./outbox.ts";
import type { Session } from "./session.ts";
import { type Departing, doAfterTurn } from "./turn.ts";

/**
 * One of the two sockets of a session: the accepted one or the one we dialled. It is the `data` of its Bun socket
 * and lives from before the socket opens until after it closes.
 */
export class Side implements OutboxOwner, Departing, Afterwork {
  /** Where the bytes it sends us go, and where those for it come from. Set by the session at once. */
  peer!: Side;
  socket: SocketLike | null = null;
  /** The bytes on their way to this socket. */
  readonly outbox: Outbox = new Outbox(this);
  /** Where it is dialled; this and the next four are meaningless on the client's side. */
  address: Address;
  /** The socket that is being connected, for Bun to take. */
  dialledFd = -1;
  /** The socket while it is being connected. */
  dialling: SocketLike | null = null;
  /** Monotonic milliseconds. */
  dialledAtMs = 0;
  dialTimer: Timer | null = null;
  /** The silence after which TCP keep-alive probes its peer; 0: never. */
  keepAliveSeconds = 0;
  /** What its last read gave, once it has sent a large chunk; else 0. */
  bulkBytes = 0;
  /** The receive buffer that its socket was limited to; 0: never. */
  receiveBytes = 0;
  /** Bytes have come from it. */
  hasSpoken = false;
  /** Its FIN has come. */
  ended = false;
  /** A write found its connection dead; whatever else the runtime says, it did not end with FIN. */
  isBroken = false;
  /** Its socket is closed. */
  closed = false;

  /** Those who want no more bytes from it now. */
  #pauses = 0;

  constructor(
    readonly session: Session,
    readonly isClient: boolean,
  ) {
    this.address = session.info.originalDst;
  }

  /** Of its socket; -1 while there is none, and once it has gone. */
  get fd(): number {
    return this.socket?.fd ?? -1;
  }

  /** The socket is connected and may be written. */
  open(socket: SocketLike): void {
    this.socket = socket;
    if (this.#pauses > 0) socket.pause();
    this.outbox.open(socket);
  }

  /** Stops reading it until everybody who asked for that has asked to go on. */
  pause(): void {
    if (this.#pauses++ === 0) this.socket?.pause();
  }

  resume(): void {
    if (--this.#pauses === 0) this.socket?.resume();
  }

  pauseSource(): void {
    this.peer.pause();
  }

  resumeSource(): void {
    this.peer.resume();
  }

  /** A server that answers and closes has often done both by now: one packet takes the answer and FIN to the client. */
  firstDeparts(): void {
    if (this.isClient) this.session.lookForEnd(this.peer);
  }

  lastDeparts(): void {
    this.session.cork(this);
  }

  /**
   * A write that meets a RST uses the error up: Bun then reports an orderly `end` and `close`, or nothing at all while
   * paused. The session hears of it a turn later: what came before the RST has been read by then, and no handler is closed
   * in the middle of its own write.
   */
  broken(): void {
    this.isBroken = true;
    setImmediate(reportNextTurn, this);
  }

  /** Its first bytes have come. */
  speaks(): void {
    this.hasSpoken = true;
    if (!this.isClient) doAfterTurn(this);
  }

  /**
   * The end of the turn in which it first spoke. The kernel lets its acknowledgement wait 40 ms for company, since the one
   * of the handshake was to wait as well; a server that holds back what is left until then would lose that time.
   */
  afterTurn(): void {
    if (!this.ended) this.session.acknowledge(this);
  }

  /** The end of the turn in which its client was accepted: it is dialled, unless it has been left since. */
  depart(): void {
    if (this.session.wants(this)) this.session.dialFirst();
  }

  failed(error: unknown): void {
    this.session.failed(error);
  }

  /** RST unless the socket is closed already; what is queued for it is dropped. */
  reset(): void {
    this.outbox.discard();
    if (!this.closed) this.socket?.terminate();
  }

  /** Closes it both ways; what is queued for it is dropped. */
  close(): void {
    this.outbox.discard();
    if (!this.closed) this.socket?.end();
  }
}

/** After a write in a socket's event this is still the same turn. */
function reportNextTurn(side: Side): void {
  setImmediate(reportBroken, side);
}

function reportBroken(side: Side): void {
  side.session.broken(side);
}
