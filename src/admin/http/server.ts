/**
 * A small HTTP server for our own ports. It is not Bun.serve, which does not bound connections, nor node:http, whose
 * connections that never ask keep their place: these ports are open to whoever reaches the pod, share their files and
 * their event loop with the traffic, and have to answer the kubelet when somebody floods them.
 */
import type { Socket, TCPSocketListener } from "bun";
import { explainListening } from "../../listen-causes.ts";
import { AcceptRate } from "./accept-rate.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";

export interface HttpServerOptions extends Omit<ConnectionOptions, "onUnsent"> {
  /** `null`: every address of this machine, of both families where IPv6 exists. */
  readonly ip: string | null;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Each holds one file. Beyond them the oldest makes place whose answer is not being made; if there is none, the
   * newest.
   */
  readonly maxConnections: number;
  /** New connections of one address; more are reset at once. */
  readonly maxPerSecond: number;
  /** Memory of answers that are read slowly. Beyond it the oldest of these readers is cut, but not the newest. */
  readonly maxUnsentBytes: number;
  /** listen(2) again on a listening socket, with another backlog. */
  readonly setBacklog: (fd: number, length: number) => void;
}

/**
 * The runtime accepts until nobody waits any more, and traffic stands still meanwhile; Bun lets 512 wait. Fewer than
 * these, and the kubelet would not come through a crowd.
 */
const BACKLOG = 128;

export interface HttpServer {
  readonly port: number;
  readonly openConnections: number;
  /** Ends it and its connections. */
  stop(): void;
}

/** Why there is no server. */
export class ListenError {
  constructor(readonly why: string) {}
}

/** Listens. */
export function serveHttp(options: HttpServerOptions): HttpServer | ListenError {
  const connections = new Set<Connection>();
  const listener = listen(options, connections);
  if (listener instanceof ListenError) return listener;
  return {
    port: listener.port,
    get openConnections() {
      return connections.size;
    },
    stop() {
      listener.stop(true);
    },
  };
}

/** Its types leave out `fd`. */
type Listener = TCPSocketListener<Connection> & { readonly fd: number };

function listen(options: HttpServerOptions, connections: Set<Connection>): Listener | ListenError {
  if (options.ip !== null) return tryListen(options.ip, options, connections);
  const dualStack = tryListen("::", options, connections);
  return dualStack instanceof ListenError ? tryListen("0.0.0.0", options, connections) : dualStack;
}

function tryListen(
  hostname: string,
  options: HttpServerOptions,
  connections: Set<Connection>,
): Listener | ListenError {
  const socket = socketEvents(options, connections);
  try {
    const listener = Bun.listen<Connection>({ hostname, port: options.port, allowHalfOpen: true, socket });
    options.setBacklog((listener as Listener).fd, BACKLOG);
    return listener as Listener;
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return new ListenError(explainListening(code));
  }
}

/** A connection that is refused at accept has no data. */
type MaybeConnected = Socket<Connection | undefined>;

function socketEvents(options: HttpServerOptions, connections: Set<Connection>) {
  const rate = new AcceptRate(options.maxPerSecond, () => performance.now());
  const onUnsent = (newest: Connection) => boundUnsent(connections, newest, options.maxUnsentBytes);
  const connectionOptions = { ...options, onUnsent };
  // A client that reset while it waited to be accepted has no address any more, whatever the types say.
  const isWelcome = (ip: string | undefined) => ip !== undefined && rate.admit(ip);
  return {
    binaryType: "uint8array" as const,
    open(socket: Socket<Connection>) {
      if (!isWelcome(socket.remoteAddress) || !makePlace(connections, options.maxConnections)) {
        socket.terminate();
        return;
      }
      socket.data = new Connection(socket, connectionOptions);
      connections.add(socket.data);
    },
    data: ({ data }: MaybeConnected, chunk: Uint8Array) => data?.received(chunk),
    drain: ({ data }: MaybeConnected) => data?.writable(),
    end: ({ data }: MaybeConnected) => data?.ended(),
    close({ data }: MaybeConnected) {
      if (data === undefined) return;
      connections.delete(data);
      data.closed();
    },
    error(socket: MaybeConnected, error: Error) {
      options.onBug(error);
      socket.terminate();
    },
  };
}

/**
 * False if the answers of all are being made. Whoever asks at once and takes the answer at once is hardly ever cut;
 * refusing the newest instead would let a few silent connections keep the kubelet out.
 */
function makePlace(connections: ReadonlySet<Connection>, most: number): boolean {
  if (connections.size < most) return true;
  const oldestFirst = [...connections];
  const victim = oldestFirst.find(({ isIdle }) => isIdle) ?? oldestFirst.find(({ isSending }) => isSending);
  victim?.cut();
  return victim !== undefined;
}

/** Whoever reads as fast as the network goes is not the oldest for long. */
function boundUnsent(connections: ReadonlySet<Connection>, newest: Connection, most: number): void {
  let bytes = 0;
  for (const { unsentBytes } of connections) bytes += unsentBytes;
  for (const connection of connections) {
    if (bytes <= most) return;
    if (connection === newest) continue;
    const { unsentBytes } = connection;
    bytes -= unsentBytes;
    if (unsentBytes > 0) connection.cut();
  }
}
