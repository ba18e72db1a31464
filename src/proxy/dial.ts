/**
 * Connects upstreams.
 *
 * Bun cannot abort a connect, has no timeout for it, and reports every failure as ECONNREFUSED. So a dial is either
 * open or failed, and one that its session does not wait for any more lives on, dead, holding a file descriptor, until the kernel
 * gives up (about 127 s) or the connection opens and is reset. `deadDials` counts those.
 */
import type { SocketHandler } from "bun";
import type { Side } from "./side.ts";
import { type SideSocket, socketEvents } from "./socket-events.ts";

export interface DiallerOptions {
  /** 0 leaves it to the kernel. */
  readonly connectTimeoutMs: number;
  /** Runs on each upstream that opens in time, before anything is written to it; it may end the session. */
  readonly onOpen: (upstream: Side, socket: SideSocket) => void;
  readonly onBug: (error: Error) => void;
}

export class Dialler {
  /** Dials still in the kernel that nobody waits for. */
  deadDials = 0;
  readonly #options: DiallerOptions;
  readonly #events: SocketHandler<Side>;

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.#events = {
      ...socketEvents(options.onBug),
      open: (socket: SideSocket) => this.#opened(socket),
      connectError: (socket: SideSocket) => this.#failed(socket.data),
    };
  }

  /** Dials the address of `upstream`. Its session hears the outcome, perhaps before this returns. */
  dial(upstream: Side): void {
    const { connectTimeoutMs } = this.#options;
    const { ip, port } = upstream.address;
    upstream.dialling = true;
    if (connectTimeoutMs > 0) upstream.dialTimer = setTimeout(giveUp, connectTimeoutMs, upstream);
    void Bun.connect({ hostname: ip, port, allowHalfOpen: true, data: upstream, socket: this.#events });
  }

  /** The session of `upstream` is over, or has left it. */
  abandon(upstream: Side): void {
    upstream.isAbandoned = true;
    if (upstream.dialling) this.deadDials++;
    stopTimer(upstream);
  }

  #opened(socket: SideSocket): void {
    const upstream = socket.data;
    this.#settled(upstream);
    if (upstream.session.wants(upstream)) this.#options.onOpen(upstream, socket);
    upstream.session.opened(upstream, socket);
  }

  #failed(upstream: Side): void {
    this.#settled(upstream);
    upstream.session.dialFailed(upstream);
  }

  #settled(upstream: Side): void {
    upstream.dialling = false;
    if (upstream.isAbandoned) this.deadDials--;
    stopTimer(upstream);
  }
}

function giveUp(upstream: Side): void {
  upstream.session.dialFailed(upstream);
}

function stopTimer(upstream: Side): void {
  if (upstream.dialTimer !== null) clearTimeout(upstream.dialTimer);
  upstream.dialTimer = null;
}
