/**
 * TCP keep-alive of the relayed connections. It finds peers that vanished, and it keeps conntrack entries: a socket
 * whose entry expired has lost its peer, the accepted one because its redirection is forgotten, the upstream because
 * the rules take its peer's next packet for a new connection. It never cuts a live connection.
 *
 * An established entry lives for days, a half-closed one for a minute. So once a direction has ended, silence is
 * broken earlier. The kernel waits TCP_KEEPIDLE before the first probe and TCP_KEEPINTVL before each further one,
 * answered or not, so the interval has to fit the half-closed entry as well; it is set from the start, because it
 * does not matter before.
 *
 * Most connections are over long before any silence matters, and setting it takes four system calls. So nothing is done
 * when something happens; a sweep soon afterwards gives the connections that are still there what they need. Silence
 * counts from the last packet, also for a socket that is told late.
 */
import type { Kernel } from "./kernel.ts";
import type { Session } from "./session.ts";
import type { Side } from "./side.ts";

export const IDLE_SECONDS = 300;
/** A peer that answers nothing for so long after the first probe is gone. */
const PATIENCE_SECONDS = 270;
/** MAX_TCP_KEEPCNT in include/net/tcp.h. */
const MOST_PROBES = 127;

/** A third of conntrack's usual 60 s. */
const HALF_CLOSED_IDLE_SECONDS = 20;
const CONNTRACK_TIMEOUTS = [
  "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait",
  "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_fin_wait",
];

const LONGEST_SWEEP_MS = 5000;

export class KeepAlive {
  readonly #kernel: Kernel;
  readonly #sessions: Iterable<Session>;
  #timer: Timer | null = null;
  readonly #halfClosedIdleSeconds: number;

  /** `halfClosedIdleSeconds`: the silence that one of `sessions` may keep once it is half-closed. */
  constructor(kernel: Kernel, halfClosedIdleSeconds: number, sessions: Iterable<Session>) {
    this.#sessions = sessions;
    this.#kernel = kernel;
    this.#halfClosedIdleSeconds = halfClosedIdleSeconds;
  }

  /** A session has a new socket, or is half-closed now. */
  due(): void {
    if (this.#timer !== null) return;
    const sweepMs = Math.min(this.#halfClosedIdleSeconds * 500, LONGEST_SWEEP_MS);
    this.#timer = setTimeout(sweep, sweepMs, this).unref();
  }

  /** Gives every socket that is open the keep-alive of its state. */
  sweep(): void {
    this.#timer = null;
    for (const { client, upstream, isHalfClosed } of this.#sessions) {
      const seconds = isHalfClosed ? this.#halfClosedIdleSeconds : IDLE_SECONDS;
      this.#set(client, seconds);
      this.#set(upstream, seconds);
    }
  }

  #set(side: Side, seconds: number): void {
    const { socket, closed, keepAliveSeconds: before } = side;
    if (socket === null || closed || before === seconds) return;
    side.keepAliveSeconds = seconds;
    if (before > 0) this.#kernel.keepAliveIdle(socket.fd, seconds);
    else startKeepAlive(this.#kernel, socket.fd, seconds, this.#halfClosedIdleSeconds);
  }
}

function sweep(keepAlive: KeepAlive): void {
  keepAlive.sweep();
}

/**
 * Turns it on, for a connected socket, or a listening one and all that it will accept: first probe after `idleSeconds`
 * of silence, then every `intervalSeconds`.
 */
export function startKeepAlive(
  kernel: Kernel,
  fd: number,
  idleSeconds: number,
  intervalSeconds: number,
): void {
  const probes = Math.min(Math.ceil(PATIENCE_SECONDS / intervalSeconds), MOST_PROBES);
  kernel.keepAlive(fd, idleSeconds, intervalSeconds, probes);
}

/**
 * Seconds of silence after which a half-closed connection is probed, so that its conntrack entry is renewed at least
 * twice before it expires. `read` returns a file's text, or null where there is none (no conntrack, or not visible).
 */
export function halfClosedIdleSeconds(read: (path: string) => string | null): number {
  let idle = HALF_CLOSED_IDLE_SECONDS;
  for (const path of CONNTRACK_TIMEOUTS) {
    const seconds = Number.parseInt(read(path) ?? "", 10);
    if (seconds > 0) idle = Math.min(idle, Math.floor(seconds / 3));
  }
  return Math.max(idle, 1);
}
