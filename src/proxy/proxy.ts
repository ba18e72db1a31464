import type { TCPSocketListener } from "bun";
import { explainListening } from "../listen-causes.ts";
import type { Connection } from "./handler.ts";
import { IDLE_SECONDS, startKeepAlive } from "./keep-alive.ts";
import { type AcceptWatcher, Listener, type ListenerOptions, type ProxyCounters } from "./listener.ts";
import type { Side } from "./side.ts";

export interface ProxyOptions extends ListenerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Several proxies of this process listen on the port, and the kernel deals connections out. `first` makes sure that
   * no other process does.
   */
  readonly sharing?: "first" | "next" | undefined;
}

/** Why the proxy could not listen. `code` is the system's, such as EADDRINUSE. */
export class ProxyError {
  constructor(
    readonly code: string,
    readonly message: string,
  ) {}
}

/** A listening proxy. */
export interface RunningProxy {
  readonly port: number;
  /** Sessions that are not over. */
  readonly openConnections: number;
  readonly counters: Readonly<ProxyCounters>;
  /** Those sessions, as they are now. */
  connections(): Iterable<Connection>;
  /** Who sees each accepted connection first, null for nobody; see `proveExemption`. */
  watchAccepts(watcher: AcceptWatcher | null): void;
  /** Our user is proved exempt from the rules, so the loop guard has nothing to do. */
  trustExemption(): void;
  /** Accepts no more; sessions go on. Connections that nobody has accepted yet are reset. */
  stop(): void;
  /** Resets every session. */
  resetAll(): void;
}

/** Bun calls listen(2) with 512, too few for a burst that arrives while the loop is busy. */
const BACKLOG = 4096;

/** Listens on `port` on all addresses, of both families where IPv6 exists. */
export function startProxy(options: ProxyOptions): RunningProxy | ProxyError {
  const listener = new Listener(options);
  const { port, sharing } = options;
  if (sharing === "first") {
    const alone = listen(listener, port, false);
    if (alone instanceof ProxyError) return alone;
    alone.stop(true);
  }
  const server = listen(listener, port, sharing !== undefined);
  if (server instanceof ProxyError) return server;
  // Accepted sockets inherit it.
  startKeepAlive(options.kernel, server.fd, IDLE_SECONDS, options.halfClosedIdleSeconds);
  options.kernel.backlog(server.fd, BACKLOG);
  return {
    port: server.port,
    counters: listener.counters,
    get openConnections() {
      return listener.openConnections;
    },
    connections: () => listener.connections(),
    watchAccepts: (watcher) => {
      listener.watcher = watcher;
    },
    trustExemption: () => listener.trustExemption(),
    stop: () => server.stop(),
    resetAll: () => listener.resetAll(),
  };
}

type Server = TCPSocketListener<Side> & { readonly fd: number };

function listen(listener: Listener, port: number, reusePort: boolean): Server | ProxyError {
  const dualStack = tryListen(listener, "::", port, reusePort);
  if (!(dualStack instanceof ProxyError) || dualStack.code === "EADDRINUSE") return dualStack;
  return tryListen(listener, "0.0.0.0", port, reusePort);
}

function tryListen(
  listener: Listener,
  hostname: string,
  port: number,
  reusePort: boolean,
): Server | ProxyError {
  // The types of Bun.listen know `reusePort` of clients only.
  const where = { hostname, port, reusePort };
  try {
    return Bun.listen({ ...where, allowHalfOpen: true, socket: listener.events() }) as Server;
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return new ProxyError(code, `cannot listen on port ${port}: ${explainListening(code)}`);
  }
}
