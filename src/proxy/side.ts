import { Outbox, type OutboxOwner, type SocketLike } from "./outbox.ts";
import type { Session } from "./session.ts";

/**
 * One of the two sockets of a session: the accepted one or the one we dialled. It is the `data` of its Bun socket
 * and lives from before the socket opens until after it closes.
 */
export class Side implements OutboxOwner {
  /** Where the bytes it sends us go, and where those for it come from. Set by the session at once. */
  peer!: Side;
  socket: SocketLike | null = null;
  /** The bytes on their way to this socket. */
  readonly outbox: Outbox = new Outbox(this);
  /** We are connecting it; meaningless on the client's side. */
  dialling = false;
  /** Monotonic milliseconds. */
  dialledAtMs = 0;
  dialTimer: Timer | null = null;
  /** Its FIN has come. */
  ended = false;
  /** A write found its connection dead; whatever else the runtime says, it did not end with FIN. */
  isBroken = false;
  /** Its socket is closed. */
  closed = false;

  constructor(
    readonly session: Session,
    readonly isClient: boolean,
  ) {}

  /** The socket is connected and may be written. */
  open(socket: SocketLike): void {
    this.socket = socket;
    this.outbox.open(socket);
  }

  pauseSource(): void {
    this.peer.socket?.pause();
  }

  resumeSource(): void {
    this.peer.socket?.resume();
  }

  /**
   * A write that meets a RST uses the error up: Bun then reports an orderly `end` and `close`, or nothing at all while
   * paused. The session hears of it a turn later, so that no handler is closed in the middle of its own write.
   */
  broken(): void {
    this.isBroken = true;
    setImmediate(reportBroken, this);
  }

  /** RST unless the socket is closed already; what is queued for it is dropped. */
  reset(): void {
    this.outbox.discard();
    if (!this.closed) this.socket?.terminate();
  }
}

function reportBroken(side: Side): void {
  side.session.broken(side);
}
