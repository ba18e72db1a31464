/**
 * One HTTP connection: requests one way, responses the other, and the queue of exchanges between them.
 *
 * Requests pass through their parser, since heads may be edited; at most one incomplete head is held back. Responses
 * are forwarded first and read afterwards. A direction that is not understood any more passes unread; when nothing is
 * left to observe the session relays without us.
 */
import type { Head } from "../http1/head.ts";
import type { OpaqueReason } from "../http1/parser.ts";
import type { Afterwork, CloseReason, ConnInfo, Relay, StreamHandler } from "../proxy/handler.ts";
import type { Clock } from "../trace/clock.ts";
import { type Exchange, type ExchangeObserver, ExchangeQueue, type Policy } from "./exchange.ts";
import type { Routing } from "./policy/routing.ts";
import { type RequestListener, RequestStream } from "./request-stream.ts";
import { type ResponseListener, ResponseStream } from "./response-stream.ts";

export interface HttpOptions {
  readonly policies: readonly Policy[];
  readonly observers: readonly ExchangeObserver[];
  /** One of the policies, if requests may be routed. */
  readonly routing?: Routing;
  readonly clock: Pick<Clock, "nowUs">;
  /** True for requests that get no span. */
  readonly isIgnored: (exchange: Exchange, head: Head) => boolean;
  /** How long an incomplete head is held back at most. */
  readonly headTimeoutMs: number;
  /** Why a connection is not parsed any more; at most once per connection. */
  readonly onOpaque: (conn: ConnInfo, reason: OpaqueReason) => void;
  /** A policy or an observer threw: a bug of ours. The traffic goes on. */
  readonly onBug: (error: unknown) => void;
}

export class HttpHandler implements StreamHandler, RequestListener, ResponseListener, Afterwork {
  readonly #conn: ConnInfo;
  readonly #relay: Relay;
  readonly #options: HttpOptions;
  readonly #queue: ExchangeQueue;
  readonly #requests: RequestStream;
  readonly #responses: ResponseStream;
  #relayIsOpaque = false;
  #isReported = false;
  #upstreamEnded = false;
  #clientEndedFirst = false;
  /** Bytes from the upstream that are read when they have left, or before anything else happens to the connection. */
  #unread: Uint8Array | null = null;
  /** FIN from the upstream, behind those bytes, has been passed on; what it means is read with them. */
  #isEndUnread = false;

  /** `declared`: the port is known to carry HTTP. Else it is found out, with less patience for what may not be. */
  constructor(conn: ConnInfo, relay: Relay, options: HttpOptions, declared = true) {
    this.#conn = conn;
    this.#relay = relay;
    this.#options = options;
    this.#queue = new ExchangeQueue(conn);
    this.#requests = new RequestStream(this.#queue, relay, options, declared, this);
    this.#responses = new ResponseStream(this.#queue, options, this);
  }

  get isUntouched(): boolean {
    // What the upstream has sent unasked leaves nothing to wait for.
    this.#catchUp();
    return this.#requests.isUntouched;
  }

  get needsUpstream(): boolean {
    // What has come need not be read to know.
    if (this.#requests.isUnroutable) return true;
    this.#catchUp();
    return this.#requests.needsUpstream;
  }

  clientData(chunk: Uint8Array): void {
    this.#catchUp();
    this.#requests.push(chunk);
  }

  clientEnd(): void {
    this.#catchUp();
    this.#clientEndedFirst = !this.#upstreamEnded;
    this.#requests.finish();
  }

  upstreamData(chunk: Uint8Array): void {
    this.#catchUp();
    // What a request waits for may be in it, and then this upstream is left before it says any more.
    if (this.#relay.toClient(chunk) && !this.#requests.isWaiting) {
      this.#unread = chunk;
      this.#relay.afterTurn(this);
    } else {
      this.#read(chunk);
    }
  }

  /** Not in an event of a socket, where a bug costs its connection; here it is to cost no more and no less. */
  afterTurn(): void {
    try {
      this.#catchUp();
    } catch (error) {
      this.#options.onBug(error);
      this.#relay.abort();
    }
  }

  upstreamEnd(): void {
    this.#relay.endClient();
    if (this.#unread === null) this.#readEnd();
    else this.#isEndUnread = true;
  }

  upstreamLost(): void {
    this.#catchUp();
    this.#requests.upstreamLost();
  }

  closed(reason: CloseReason): void {
    this.afterTurn();
    this.#requests.closed(reason);
    const left = reason === "client-reset" || (reason === "ended" && this.#clientEndedFirst);
    this.#responses.closed(left ? "client-left" : "aborted");
  }

  requestsOpaque(reason: OpaqueReason): void {
    this.#report(reason);
    this.#letGo();
  }

  tunnelRefused(): void {
    this.#requests.refused();
  }

  responsesOpaque(reason: OpaqueReason): void {
    this.#report(reason);
    this.#requests.settle("peer-opaque");
  }

  #catchUp(): void {
    const chunk = this.#unread;
    if (chunk === null) return;
    this.#unread = null;
    this.#read(chunk);
    if (!this.#isEndUnread) return;
    this.#isEndUnread = false;
    this.#readEnd();
  }

  #read(chunk: Uint8Array): void {
    this.#requests.afterTurn();
    this.#responses.push(chunk);
    this.#requests.advance();
    this.#letGo();
  }

  #readEnd(): void {
    this.#upstreamEnded = true;
    this.#requests.afterTurn();
    this.#responses.finish();
    this.#requests.close();
  }

  /** The first reason counts: what follows in the other direction follows from it. */
  #report(reason: OpaqueReason): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#options.onOpaque(this.#conn, reason);
  }

  /** Requests that pass unread and no response to wait for: nothing is left to do here. */
  #letGo(): void {
    if (this.#relayIsOpaque || !this.#requests.isOpaque || this.#queue.length > 0) return;
    if (this.#requests.isWaiting) return;
    this.#relayIsOpaque = true;
    this.#relay.becomeOpaque();
  }
}
