/** A session of the proxy with its production handler between fake sockets: one client, and servers that are dialled. */
import { type Address, formatAddress } from "../../src/address.ts";
import type { Exchange, ExchangeObserver, Policy } from "../../src/mesh/exchange.ts";
import { HttpHandler, type HttpOptions } from "../../src/mesh/http-handler.ts";
import { type Lookup, Routing } from "../../src/mesh/policy/routing.ts";
import { RoutingStore } from "../../src/mesh/policy/routing-store.ts";
import type { CloseReason } from "../../src/proxy/handler.ts";
import { Session, type SessionHost } from "../../src/proxy/session.ts";
import type { Side } from "../../src/proxy/side.ts";
import { type SideSocket, socketEvents } from "../../src/proxy/socket-events.ts";
import { departLater, endTurn } from "../../src/proxy/turn.ts";
import { FakeSocket } from "../fakes/socket.ts";

export const ORIGINAL: Address = { ip: "198.18.0.1", port: 80 };
/** `Host: cart` goes to ORIGINAL without a value. */
export const TO_B = "X-Route: cart=198.18.0.2";
export const TO_C = "X-Route: cart=198.18.0.3";

/** One upstream that was dialled. */
export interface Dialled {
  readonly side: Side;
  readonly socket: FakeSocket;
  readonly to: string;
  isOpen: boolean;
}

export interface RoutedOptions {
  readonly find?: (name: string) => Lookup;
  readonly isOn?: boolean;
  readonly headTimeoutMs?: number;
  readonly declared?: boolean;
  readonly policies?: readonly Policy[];
  /** Whether the client's first bytes come in the turn that accepts it. */
  readonly isOneTurn?: boolean;
}

export class RoutedSession implements SessionHost {
  readonly client = new FakeSocket();
  readonly dials: Dialled[] = [];
  readonly leftSides: Side[] = [];
  /** Where requests go, as far as it is known when they come. */
  readonly requested: string[] = [];
  readonly exchanges: string[] = [];
  readonly warnings: string[] = [];
  readonly opaque: string[] = [];
  readonly bugs: unknown[] = [];
  ending: CloseReason | null = null;
  /** The client's kernel has acknowledged everything. */
  isDelivered = true;
  /** What the sockets report belongs to one turn of the event loop, which `turn()` ends; else each event is one. */
  isOneTurn = false;
  readonly routing: Routing;
  readonly session: Session;
  readonly #events = socketEvents((error) => this.bugs.push(error));
  #nowUs = 0;

  constructor(options: RoutedOptions = {}) {
    const { find = () => unknownName, isOn = true } = options;
    const client = { ip: "198.18.0.9", port: 40_000 };
    this.session = new Session({ id: 1, direction: "outbound", client, originalDst: ORIGINAL }, this);
    this.routing = new Routing(
      {
        headerName: "X-Route",
        cookieName: "X-Route",
        store: new RoutingStore({ expirationMs: 0, sweepIntervalMs: 1000, maxEntries: 10 }),
        find,
        isOurs: ({ port }) => port === 14956,
        warn: (line) => this.warnings.push(line),
      },
      { isOn, byCookie: false },
    );
    this.#wire(this.client, this.session.client);
    this.isOneTurn = options.isOneTurn ?? false;
    this.session.accept(this.client, this.#handler(options));
    departLater(this.session.upstream);
    if (!this.isOneTurn) endTurn();
  }

  #handler({ headTimeoutMs = 60_000, declared = true, policies = [] }: RoutedOptions): HttpHandler {
    const options: HttpOptions = {
      policies: [this.routing, ...policies],
      observers: [this.#observer()],
      routing: this.routing,
      clock: { nowUs: () => ++this.#nowUs },
      isIgnored: () => false,
      headTimeoutMs,
      onOpaque: (_, reason) => this.opaque.push(reason),
      onBug: (error) => this.bugs.push(error),
    };
    return new HttpHandler(this.session.info, this.session, options, declared);
  }

  #observer(): ExchangeObserver {
    return {
      requested: ({ isUpstreamLate, remoteAddress }) =>
        void this.requested.push(isUpstreamLate ? "unknown" : remoteAddress),
      ended: ({ status, outcome, remoteAddress }: Exchange) =>
        void this.exchanges.push(`${status} ${outcome} ${remoteAddress}`),
    };
  }

  #wire(socket: FakeSocket, side: Side): void {
    socket.data = side;
    socket.onClose = () => this.#events.close!(bun(socket));
  }

  // --- what the session asks ---

  dial(side: Side): void {
    const socket = new FakeSocket();
    this.#wire(socket, side);
    side.dialling = socket;
    this.dials.push({ side, socket, to: formatAddress(side.address), isOpen: false });
  }

  left(side: Side): void {
    this.leftSides.push(side);
  }

  unacknowledgedBytes(): number {
    return this.isDelivered ? 0 : 1;
  }

  unsentBytes(): number {
    return 0;
  }

  halfClosed(): void {}
  acknowledge(): void {}
  failed(error: unknown): void {
    this.bugs.push(error);
  }

  dialFirst(): void {
    this.session.dial();
  }

  hasEnded(): boolean {
    return false;
  }

  cork(): void {}
  bulk(): void {}

  over(_: Session, reason: CloseReason): void {
    this.ending = reason;
  }

  // --- what the sockets report ---

  /** The newest dial. */
  get upstream(): Dialled {
    return this.dials.at(-1)!;
  }

  get dialled(): string[] {
    return this.dials.map(({ to }) => to);
  }

  open(dialled = this.upstream): this {
    dialled.isOpen = true;
    dialled.side.dialling = null;
    this.session.opened(dialled.side, dialled.socket);
    return this.#reported();
  }

  refuse(dialled = this.upstream): this {
    dialled.side.dialling = null;
    this.session.dialFailed(dialled.side);
    return this.#reported();
  }

  send(text: string): this {
    return this.#data(this.client, text);
  }

  answer(text: string, { socket } = this.upstream): this {
    return this.#data(socket, text);
  }

  #data(socket: FakeSocket, text: string): this {
    if (!socket.isClosed) this.#events.data!(bun(socket), Buffer.from(text, "latin1"));
    return this.#reported();
  }

  /** FIN: Bun says `end`, unless we had sent ours; then it just closes. */
  fin(socket: FakeSocket): this {
    if (socket.isShut) this.#close(socket);
    else if (!socket.isClosed) this.#events.end!(bun(socket));
    return this.#reported();
  }

  reset(socket: FakeSocket): this {
    this.#close(socket, Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    return this.#reported();
  }

  /** The socket takes so many bytes more. */
  room(socket: FakeSocket, bytes: number): this {
    socket.room += bytes;
    this.#events.drain!(bun(socket));
    return this.#reported();
  }

  /** `events` happen in one turn of the event loop. */
  inOneTurn(events: (world: this) => void): this {
    this.isOneTurn = true;
    events(this);
    this.isOneTurn = false;
    return this.#reported();
  }

  #reported(): this {
    if (!this.isOneTurn) endTurn();
    return this;
  }

  #close(socket: FakeSocket, error?: Error): void {
    if (socket.isClosed) return;
    socket.isClosed = true;
    this.#events.close!(bun(socket), error);
  }
}

const unknownName: Lookup = { isDone: true, ip: null, whenDone: (listener) => listener() };

function bun(socket: FakeSocket): SideSocket {
  return socket as unknown as SideSocket;
}
