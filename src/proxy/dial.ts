/**
 * Connects upstreams.
 *
 * Bun cannot abort a connect, has no timeout for it, and reports every failure as ECONNREFUSED. So a dial is either
 * open or failed, and one whose session is over meanwhile lives on, dead, holding a file descriptor, until the kernel
 * gives up (about 127 s) or the connection opens and is reset. `deadDials` counts those.
 */
import type { SocketHandler } from "bun";
import type { Address } from "../address.ts";
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
  /** Dials still in the kernel whose session is over. */
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

  /** Dials `address`, an IP literal. The session of `upstream` hears the outcome, perhaps before this returns. */
  dial({ ip, port }: Address, upstream: Side): void {
    const { connectTimeoutMs } = this.#options;
    upstream.dialling = true;
    if (connectTimeoutMs > 0) upstream.dialTimer = setTimeout(giveUp, connectTimeoutMs, upstream);
    void Bun.connect({ hostname: ip, port, allowHalfOpen: true, data: upstream, socket: this.#events });
  }

  /** The session of `upstream` is over. */
  abandon(upstream: Side): void {
    if (upstream.dialling) this.deadDials++;
    stopTimer(upstream);
  }

  #opened(socket: SideSocket): void {
    const upstream = socket.data;
    this.#settled(upstream);
    if (upstream.session.wantsUpstream) this.#options.onOpen(upstream, socket);
    upstream.session.opened(upstream, socket);
  }

  #failed(upstream: Side): void {
    this.#settled(upstream);
    upstream.session.dialFailed();
  }

  #settled(upstream: Side): void {
    upstream.dialling = false;
    if (upstream.session.isOver) this.deadDials--;
    stopTimer(upstream);
  }
}

function giveUp(upstream: Side): void {
  upstream.session.dialFailed();
}

function stopTimer(upstream: Side): void {
  if (upstream.dialTimer !== null) clearTimeout(upstream.dialTimer);
  upstream.dialTimer = null;
}
