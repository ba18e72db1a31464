/**
 * Accepts what the kernel redirected to us, finds out where each connection was going, and runs a session for it.
 */
import type { SocketHandler } from "bun";
import { type Address, formatAddress } from "../address.ts";
import { LineLimit } from "../log/line-limit.ts";
import type { Log } from "../log.ts";
import { BulkReads } from "./bulk.ts";
import { directionOf, isDirect } from "./destination.ts";
import { Dialler } from "./dial.ts";
import type { CloseReason, Connection, ConnectionObserver, ConnInfo, HandlerFactory } from "./handler.ts";
import { IDLE_SECONDS, KeepAlive } from "./keep-alive.ts";
import type { Kernel } from "./kernel.ts";
import { LoopGuard } from "./loop-guard.ts";
import { Session, type SessionHost } from "./session.ts";
import { SessionList } from "./session-list.ts";
import type { Side } from "./side.ts";
import { type SideSocket, socketEvents } from "./socket-events.ts";
import { departLater } from "./turn.ts";

/** Anybody who reaches the port can provoke these lines. */
const QUIET_MS = 10_000;

export interface ListenerOptions {
  /** Above it, new connections are reset. Each holds two file descriptors. */
  readonly maxConnections: number;
  /** 0 leaves it to the kernel. */
  readonly connectTimeoutMs: number;
  /** Silence after which a half-closed connection is probed: see `halfClosedIdleSeconds`. */
  readonly halfClosedIdleSeconds: number;
  readonly kernel: Kernel;
  readonly log: Log;
  readonly handlerFactory: HandlerFactory;
  readonly observers: readonly ConnectionObserver[];
  /** Every address of this machine or namespace. */
  readonly ownIps: () => ReadonlySet<string>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Who we run as, for the message that says the rules do not exempt us. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * Why an accepted connection was reset at once.
 * - `direct`: made to our own port instead of being redirected to it.
 * - `no-original-destination`: the kernel knows none, so no rule redirected it.
 * - `over-limit`: there were `maxConnections` already.
 */
export type Refusal = "direct" | "no-original-destination" | "over-limit";

/** Read-only for everybody else. */
export interface ProxyCounters {
  accepted: number;
  readonly refused: Record<Refusal, number>;
  /** Own upstream connections that came back and were reset. */
  loops: number;
  readonly closed: Record<CloseReason, number>;
}

/** Sees an accepted connection before anything else does; true if it waited for this one, which is then reset. */
export type AcceptWatcher = (client: Address, originalDst: Address | null) => boolean;

export class Listener implements SessionHost {
  readonly counters: ProxyCounters = {
    accepted: 0,
    refused: { direct: 0, "no-original-destination": 0, "over-limit": 0 },
    loops: 0,
    closed: { ended: 0, "client-reset": 0, "upstream-reset": 0, "connect-failed": 0, aborted: 0 },
  };
  /** Null but for the moment in which the exemption is tested. */
  watcher: AcceptWatcher | null = null;
  readonly #options: ListenerOptions;
  /** Null once our user is proved exempt. */
  #guard: LoopGuard<Session> | null = new LoopGuard();
  readonly #sessions = new SessionList();
  readonly #keepAlive: KeepAlive;
  readonly #dialler: Dialler;
  readonly #bulk: BulkReads;
  readonly #lines: LineLimit;
  #nextId = 1;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#bulk = new BulkReads(options.kernel);
    this.#lines = new LineLimit(options.log, options.now, QUIET_MS);
    this.#keepAlive = new KeepAlive(options.kernel, options.halfClosedIdleSeconds, this.#sessions);
    this.#dialler = new Dialler({
      kernel: options.kernel,
      connectTimeoutMs: options.connectTimeoutMs,
      onOpen: (upstream, socket) => this.#upstreamOpened(upstream, socket),
      onBug: (error) => this.#bug(error),
    });
  }

  /** Sessions that are not over. */
  get openConnections(): number {
    return this.#sessions.size;
  }

  /** Sessions that are not over, as they are now. */
  connections(): Iterable<Connection> {
    return this.#sessions;
  }

  /** The events of accepted sockets, for Bun.listen. */
  events(): SocketHandler<Side> {
    return {
      ...socketEvents((error) => this.#bug(error)),
      open: (socket: SideSocket) => this.#accept(socket),
    };
  }

  /** Our user is exempt: the loop guard has nothing to do. */
  trustExemption(): void {
    this.#guard = null;
  }

  /** Resets every session. */
  resetAll(): void {
    for (const session of [...this.#sessions]) session.abort();
  }

  // --- accept ---

  #accept(socket: SideSocket): void {
    this.counters.accepted++;
    const { kernel } = this.#options;
    const client = kernel.peerAddress(socket.fd);
    const local = kernel.localAddress(socket.fd);
    // A client that reset while it waited to be accepted has no address any more.
    if (client === null || local === null) socket.terminate();
    else this.#admit(socket, client, local);
  }

  #admit(socket: SideSocket, client: Address, local: Address): void {
    const { kernel, maxConnections, ownIps } = this.#options;
    const direction = directionOf(local);
    const originalDst = kernel.originalDst(socket.fd, client.ip.includes(":") ? 6 : 4);
    if (this.watcher?.(client, originalDst)) socket.terminate();
    else if (originalDst === null) this.#refuse(socket, "no-original-destination", client);
    else if (isDirect(originalDst, local, ownIps)) this.#refuse(socket, "direct", client);
    else if (this.#sessions.size >= maxConnections) this.#refuse(socket, "over-limit", client);
    else this.#begin(socket, { id: this.#nextId++, direction, client, originalDst });
  }

  #refuse(socket: SideSocket, why: Refusal, client: Address): void {
    socket.terminate();
    this.counters.refused[why]++;
    this.#lines.warn(`reset a connection from ${formatAddress(client)}: ${this.#explain(why)}`, why);
  }

  #explain(why: Refusal): string {
    if (why === "direct") return "it was made to the proxy's own port";
    if (why === "over-limit") return `${this.#sessions.size} connections are open already`;
    return "it has no original destination: it was not redirected here, or its client has reset it already";
  }

  #begin(socket: SideSocket, info: ConnInfo): void {
    const { now, handlerFactory, observers } = this.#options;
    const session = new Session(info, this, now());
    socket.data = session.client;
    this.#sessions.add(session);
    this.#guard?.accepted(info.client, info.originalDst, session);
    session.client.keepAliveSeconds = IDLE_SECONDS;
    session.accept(socket, handlerFactory(info, session));
    for (const observer of observers) observer.opened(session);
    departLater(session.upstream);
  }

  // --- what sessions ask (SessionHost) ---

  dial(upstream: Side): void {
    upstream.dialledAtMs = this.#options.now();
    this.#dialler.dial(upstream);
  }

  left(upstream: Side): void {
    this.#bulk.left(upstream);
    this.#dialler.abandon(upstream);
    this.#guard?.left(upstream.session);
  }

  unacknowledgedBytes({ fd }: Side): number {
    return this.#options.kernel.unacknowledgedBytes(fd);
  }

  unsentBytes({ fd }: Side): number {
    return this.#options.kernel.unsentBytes(fd);
  }

  hasEnded({ fd }: Side): boolean {
    return this.#options.kernel.hasEnded(fd);
  }

  cork({ fd }: Side): void {
    this.#options.kernel.cork(fd);
  }

  acknowledge({ fd }: Side): void {
    this.#options.kernel.acknowledge(fd);
  }

  bulk(side: Side, bytes: number): void {
    this.#bulk.came(side, bytes);
  }

  failed(error: unknown): void {
    this.#bug(error as Error);
  }

  halfClosed(): void {
    this.#keepAlive.due();
  }

  over(session: Session, reason: CloseReason): void {
    this.#sessions.remove(session);
    this.#bulk.left(session.client);
    this.#bulk.left(session.upstream);
    this.counters.closed[reason]++;
    for (const observer of this.#options.observers) observer.closed(session, reason);
    this.#dialler.abandon(session.upstream);
    const { client, originalDst } = session.info;
    this.#guard?.over(client, originalDst, session);
    if (reason !== "connect-failed") return;
    this.#options.log.debug(
      `cannot connect to ${formatAddress(session.upstream.address)} for ${formatAddress(client)}`,
    );
  }

  // --- loops ---

  /** Dials unless the connection is one that we made ourselves. */
  dialFirst(session: Session): void {
    const { client, originalDst } = session.info;
    const origin = this.#guard?.ownUpstream(client, originalDst) ?? null;
    if (origin === null) session.dial();
    else this.#breakLoop(origin, session);
  }

  #upstreamOpened({ session, address, dialledAtMs }: Side, socket: SideSocket): void {
    const { kernel, now, observers } = this.#options;
    const dialMs = now() - dialledAtMs;
    for (const observer of observers) observer.connected(session, dialMs);
    this.#keepAlive.due();
    const local = this.#guard === null ? null : kernel.localAddress(socket.fd);
    const arrived = local && this.#guard!.opened(local, address, session);
    if (arrived !== null) this.#breakLoop(session, arrived);
  }

  #breakLoop(origin: Session, arrived: Session): void {
    this.counters.loops++;
    origin.abort();
    arrived.abort();
    const { uid, gid } = this.#options;
    this.#lines.error(
      `our own connection to ${formatAddress(arrived.info.originalDst)} was redirected back to us and reset: ` +
        `the rules do not exempt uid ${uid} or gid ${gid}, which this process runs as`,
      "loop",
    );
  }

  #bug(error: Error): void {
    this.#lines.error(`a connection was reset after an internal error: ${error.stack ?? error}`, "bug");
  }
}
