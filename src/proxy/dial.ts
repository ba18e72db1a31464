/**
 * Connects upstreams.
 *
 * A connect of Bun's cannot be aborted: it holds a file for two minutes if nobody answers. So the kernel is asked for
 * the connection, and Bun gets the socket on the way. Its `open`, within the call, then says that Bun has it, the first
 * `drain` that it is connected, a `close` before that that it never will be. Bytes of a server that has reset the
 * connection by then come without `drain`: they are passed on, and the dial counts as failed.
 *
 * Bun gets all sockets of a turn together, when the kernel has been asked for all: its way there is long, and a connect
 * takes the processor's caches for the kernel.
 *
 * The last packet of a handshake is ours and says nothing. While there is nothing to send it leaves at the end of the turn
 * in which the connection opens, so that a server may speak first. Else the first bytes take it along: a packet less,
 * and the upstream is woken once for both. In a crowd it leaves at once: a listener whose queue is full would get all
 * first bytes together, drop them, and get them again together.
 */
import type { SocketHandler } from "bun";
import type { Afterwork } from "./handler.ts";
import type { Kernel } from "./kernel.ts";
import type { Side } from "./side.ts";
import { type SideSocket, socketEvents } from "./socket-events.ts";
import { doAfterTurn } from "./turn.ts";

/** What listeners commonly let wait to be accepted. */
const CROWD = 128;

export interface DiallerOptions {
  readonly kernel: Kernel;
  /** 0 leaves it to the kernel. */
  readonly connectTimeoutMs: number;
  /** Runs on each upstream that opens in time, before anything is written to it; it may end the session. */
  readonly onOpen: (upstream: Side, socket: SideSocket) => void;
  readonly onBug: (error: Error) => void;
}

export class Dialler implements Afterwork {
  readonly #options: DiallerOptions;
  readonly #events: SocketHandler<Side>;
  #underway = 0;
  /** Dialled in this turn: Bun does not have them yet. */
  readonly #dialled: Side[] = [];
  /** Opened in this turn. */
  readonly #opened: SideSocket[] = [];

  constructor(options: DiallerOptions) {
    this.#options = options;
    const { drain, close, ...others } = socketEvents(options.onBug);
    this.#events = {
      ...others,
      open: (socket: SideSocket) => {
        socket.data.dialling = socket;
        this.#underway++;
      },
      drain: (socket: SideSocket) => {
        if (socket.data.dialling === null) drain(socket);
        else this.#open(socket);
      },
      close: (socket: SideSocket, failure?: Error) => {
        if (socket.data.dialling === null) close(socket, failure);
        else this.#fail(socket.data);
      },
      connectError: (socket: SideSocket) => this.#fail(socket.data),
    };
  }

  /** Dials the address of `upstream`. Its session hears the outcome, perhaps before this returns. */
  dial(upstream: Side): void {
    const { kernel, connectTimeoutMs } = this.#options;
    const isCrowd = this.#underway + this.#dialled.length >= CROWD;
    const fd = kernel.dial(upstream.address, !isCrowd);
    if (fd < 0) {
      this.#fail(upstream);
      return;
    }
    if (connectTimeoutMs > 0) upstream.dialTimer = setTimeout(giveUp, connectTimeoutMs, upstream);
    upstream.dialledFd = fd;
    if (this.#dialled.push(upstream) === 1) doAfterTurn(this);
  }

  /** The session of `upstream` is over, or has left it: a dial ends with nothing more heard of it. */
  abandon(upstream: Side): void {
    const { dialling } = upstream;
    this.#settle(upstream);
    dialling?.terminate();
  }

  afterTurn(): void {
    const { kernel } = this.#options;
    for (const { fd, data } of this.#opened) if (fd >= 0 && !data.outbox.hasSent) kernel.acknowledge(fd);
    this.#opened.length = 0;
    const dialled = this.#dialled.splice(0);
    for (const upstream of dialled) {
      try {
        this.#handOver(upstream);
      } catch (error) {
        upstream.session.failed(error);
      }
    }
  }

  #handOver(upstream: Side): void {
    // Its types leave out `fd`.
    const whom: object = {
      fd: upstream.dialledFd,
      allowHalfOpen: true,
      data: upstream,
      socket: this.#events,
    };
    void Bun.connect(whom as Bun.TCPSocketConnectOptions<Side>);
    // Its session may have ended since, or left it.
    if (!upstream.session.wants(upstream)) this.abandon(upstream);
  }

  #open(socket: SideSocket): void {
    const upstream = socket.data;
    this.#settle(upstream);
    if (upstream.session.wants(upstream)) this.#options.onOpen(upstream, socket);
    upstream.session.opened(upstream, socket);
    if (this.#opened.push(socket) === 1) doAfterTurn(this);
  }

  #fail(upstream: Side): void {
    this.#settle(upstream);
    upstream.session.dialFailed(upstream);
  }

  /** The dial is over. */
  #settle(upstream: Side): void {
    if (upstream.dialling !== null) this.#underway--;
    upstream.dialling = null;
    if (upstream.dialTimer !== null) clearTimeout(upstream.dialTimer);
    upstream.dialTimer = null;
  }
}

function giveUp(upstream: Side): void {
  upstream.session.dialFailed(upstream);
}
