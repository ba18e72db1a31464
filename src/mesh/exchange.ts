/**
 * An exchange is one request and its final response. Policies may edit the request's head; observers watch the
 * exchange and never touch bytes. Adding a feature means adding one of the two.
 */
import { type Address, formatAddress } from "../address.ts";
import type { HeadEdit } from "../http1/edit.ts";
import type { Head } from "../http1/head.ts";
import type { OpaqueReason } from "../http1/parser.ts";
import type { ConnInfo } from "../proxy/handler.ts";
import { SpanContext } from "../trace/context.ts";
import type { SamplerTags } from "../trace/sampler/tags.ts";
import { NO_SLOT } from "../trace/slot-queue.ts";
import type { Span } from "../trace/span.ts";
import type { AccessFormat } from "./access-log/format.ts";
import type { ParentSource } from "./policy/parent.ts";
import type { Route } from "./policy/routing-value.ts";
import { RequestTarget } from "./target.ts";

/** How an exchange ended. */
export type Outcome =
  /** The final response is complete. */
  | "complete"
  /** The protocol changed: 101, or 2xx to CONNECT. */
  | "tunnel"
  /** The response was not understood; `status` is set if that much was. */
  | "unreadable"
  /** The connection ended first, the upstream's side before the client's. */
  | "aborted"
  /** The connection ended first, and it was the client who left. */
  | "client-left";

/** A path of which metrics do not know yet whether the server has it. */
export interface UnknownPath {
  /** The path, its data replaced. */
  readonly template: string;
  /** Where they remember it meanwhile. */
  readonly place: number;
}

/** Pooled per connection: `begin` sets anew what nobody else sets before it is read. */
export class Exchange {
  next: Exchange | null = null;
  /** The value of the request id header, present or generated; one character per byte. */
  requestId = "";
  readonly target = new RequestTarget();
  /** The path is one of those without spans. */
  ignored = false;
  isHead = false;
  isConnect = false;
  /** CONNECT or Upgrade: the response decides what the bytes after it are. */
  mayTunnel = false;
  /** Where the request is routed to; null is its original destination. */
  route: Route | null = null;
  /** Where the request has gone, if its connection has had another upstream than its original destination. */
  upstream: Address | null = null;
  /** The request waits for its upstream: no response can be its own yet. */
  isHeld = false;
  /** The upstream was not known when the observers heard of the request. */
  isUpstreamLate = false;
  /** What the span of this exchange is called by others; counts if `traced`. */
  readonly context = new SpanContext();
  traced = false;
  hasParent = false;
  parentSource: ParentSource = "none";
  /** Why our sampler records the trace that begins here; null if it does not, or was not asked. */
  samplerTags: SamplerTags | null = null;
  /** The value of a debug id header that started this trace. */
  debugId = "";
  span: Span | null = null;
  /** For the metrics observer: the number of the kind of request this is, -1 if it counts as none. */
  kind = -1;
  /** The same: what it has to learn from the answer, if anything. */
  unknownPath: UnknownPath | null = null;
  /** True for the first exchange of its connection. */
  isFirst = false;
  /** When the request's head was complete, in microseconds of the handler's clock; so are the next two. */
  startedAtUs = 0;
  /** When the head of the final response was complete, 0 until then. */
  respondedAtUs = 0;
  /** When the exchange was over. */
  endedAtUs = 0;
  /** Of the final response, 0 until then. */
  status = 0;
  /** Body size announced by the response, -1 if unknown. */
  responseBytes = -1;
  outcome: Outcome = "complete";
  unreadable: OpaqueReason | null = null;
  /** For `InFlight`: where it remembers this one, NO_SLOT if it does not, and others with the same request id. */
  inFlightSlot = NO_SLOT;
  older: Exchange | null = null;
  younger: Exchange | null = null;
  /** How the access log writes it, null if it does not, and the part of the line that the request told. */
  accessFormat: AccessFormat | null = null;
  accessText = "";

  #parent: SpanContext | null = null;
  #clientAddress = "";
  #upstreamAddress = "";
  #upstreamAddressOf: Address | null = null;

  constructor(readonly conn: ConnInfo) {}

  /** The span that caused this one; counts if `hasParent`. */
  get parent(): SpanContext {
    this.#parent ??= new SpanContext();
    return this.#parent;
  }

  get clientAddress(): string {
    this.#clientAddress ||= formatAddress(this.conn.client);
    return this.#clientAddress;
  }

  /** Where the request went, or the name that it was routed to if no address was found. */
  get upstreamAddress(): string {
    if (this.route !== null && this.upstream === null) return this.route.text;
    const address = this.upstream ?? this.conn.originalDst;
    if (this.#upstreamAddressOf !== address) {
      this.#upstreamAddressOf = address;
      this.#upstreamAddress = formatAddress(address);
    }
    return this.#upstreamAddress;
  }

  /** Who is at the other end of the hop: the client of an inbound exchange, the upstream of an outbound one. */
  get remote(): Address {
    const { direction, client, originalDst } = this.conn;
    return direction === "inbound" ? client : (this.upstream ?? originalDst);
  }

  /** The same as text. */
  get remoteAddress(): string {
    return this.conn.direction === "inbound" ? this.clientAddress : this.upstreamAddress;
  }

  begin(): void {
    this.next = null;
    this.requestId = "";
    this.ignored = false;
    this.isHead = false;
    this.isConnect = false;
    this.mayTunnel = false;
    this.route = null;
    this.upstream = null;
    this.isHeld = false;
    this.isUpstreamLate = false;
    this.traced = false;
    this.hasParent = false;
    this.parentSource = "none";
    this.samplerTags = null;
    this.debugId = "";
    this.span = null;
    this.kind = -1;
    this.unknownPath = null;
    this.respondedAtUs = 0;
    this.status = 0;
    this.responseBytes = -1;
    this.outcome = "complete";
    this.unreadable = null;
    this.accessFormat = null;
  }
}

/** May change a request head that is complete and strict, in the order in which policies are configured. */
export interface Policy {
  apply(exchange: Exchange, head: Head, edit: HeadEdit): void;
  /** The exchange is over: for a policy that remembers it. Also called if `apply` was not, or failed. */
  ended?(exchange: Exchange): void;
}

/** Watches; called after the bytes in question were written or queued for writing. */
export interface ExchangeObserver {
  /**
   * The request has left for the upstream, just now; `requested` follows. Called for the last of a turn; not if it had
   * to wait for its upstream, or its session ended.
   */
  forwarded?(exchange: Exchange): void;
  /**
   * The request head as received, valid during the call; policies have run. It comes at the end of the turn of the event
   * loop that completed the head, or before anything else that is told of this exchange or of a later one of its
   * connection. `requestBytes`: -1 if chunked.
   */
  requested(exchange: Exchange, head: Head, requestBytes: number): void;
  /** The head of the final response, valid during the call; `status` and `respondedAtUs` are set. */
  responded?(exchange: Exchange, head: Head): void;
  /** The exchange is over. */
  ended(exchange: Exchange): void;
}

/** Exchanges in flight on all connections: each costs a few hundred bytes, and peers decide how many there are. */
let inFlight = 0;

/** With more of them in flight, further requests are relayed unread. */
const MAX_IN_FLIGHT = 32 * 1024;
/** The same for one connection. */
const MAX_PENDING = 1024;

/** Exchanges whose response is not complete, oldest first: HTTP/1 answers in order (RFC 9112 section 9.3.2). */
export class ExchangeQueue {
  first: Exchange | null = null;
  #last: Exchange | null = null;
  #spare: Exchange | null = null;
  #isFresh = true;
  length = 0;

  constructor(readonly conn: ConnInfo) {}

  /** True if another exchange would be too many, here or on all connections together. */
  get isFull(): boolean {
    return this.length >= MAX_PENDING || inFlight >= MAX_IN_FLIGHT;
  }

  /** A fresh exchange at the end. */
  push(): Exchange {
    const exchange = this.#spare ?? new Exchange(this.conn);
    this.#spare = null;
    exchange.begin();
    exchange.isFirst = this.#isFresh;
    this.#isFresh = false;
    if (this.#last === null) this.first = exchange;
    else this.#last.next = exchange;
    this.#last = exchange;
    this.length++;
    inFlight++;
    return exchange;
  }

  /** Removes the first. It stays as it is until the next `push`. */
  shift(): void {
    const exchange = this.first;
    if (exchange === null) return;
    this.first = exchange.next;
    if (this.first === null) this.#last = null;
    this.#spare = exchange;
    this.length--;
    inFlight--;
  }
}
