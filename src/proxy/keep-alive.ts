/**
 * TCP keep-alive of the relayed connections. It finds peers that vanished, and it keeps conntrack entries: a socket
 * whose entry expired has lost its peer, the accepted one because its redirection is forgotten, the upstream because
 * the rules take its peer's next packet for a new connection. It never cuts a live connection.
 *
 * An established entry lives for days, a half-closed one for a minute. So once a direction has ended, silence is
 * broken earlier. The kernel waits TCP_KEEPIDLE before the first probe and TCP_KEEPINTVL before each further one,
 * answered or not, so the interval has to fit the half-closed entry as well; it is set from the start, because it
 * does not matter before.
 */
import type { Kernel } from "./kernel.ts";

const IDLE_SECONDS = 300;
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

export class KeepAlive {
  readonly #kernel: Kernel;
  readonly #halfClosedIdleSeconds: number;
  readonly #probes: number;

  /** `halfClosedIdleSeconds`: the silence that a half-closed connection may keep. */
  constructor(kernel: Kernel, halfClosedIdleSeconds: number) {
    this.#kernel = kernel;
    this.#halfClosedIdleSeconds = halfClosedIdleSeconds;
    this.#probes = Math.min(Math.ceil(PATIENCE_SECONDS / halfClosedIdleSeconds), MOST_PROBES);
  }

  /** For a connected socket, or a listening one and all that it will accept. */
  start(fd: number): void {
    this.#kernel.keepAlive(fd, IDLE_SECONDS, this.#halfClosedIdleSeconds, this.#probes);
  }

  /** For a socket whose connection is half-closed now. */
  sharpen(fd: number): void {
    this.#kernel.keepAliveIdle(fd, this.#halfClosedIdleSeconds);
  }
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
