/**
 * The client's direction of an HTTP connection: reads requests, edits their heads, opens exchanges. Policies come first,
 * observers when the bytes of all connections have left: what only watches keeps nobody waiting.
 */
import { HeadEdit } from "../http1/edit.ts";
import { asksUpgrade, Framing, requestFraming } from "../http1/framing.ts";
import type { Head } from "../http1/head.ts";
import { giveBackHead } from "../http1/head-pool.ts";
import { MessageParser, type MessageSink, type OpaqueReason } from "../http1/parser.ts";
import type { Afterwork, CloseReason, Relay } from "../proxy/handler.ts";
import type { Exchange, ExchangeQueue } from "./exchange.ts";
import type { HttpOptions } from "./http-handler.ts";
import { RequestWriter } from "./request-writer.ts";
import { UpstreamSwitch } from "./upstream-switch.ts";

/** On a port that nobody declared to be HTTP, a client that sends a word and waits is not kept waiting for long. */
const DETECTION_TIMEOUT_MS = 50;

/** Shared by all connections: used within one synchronous call. */
const edit = new HeadEdit();

/** What the requests mean for the rest of the connection. */
export interface RequestListener {
  /** Nothing is read any more. */
  requestsOpaque(reason: OpaqueReason): void;
}

export class RequestStream implements MessageSink, Afterwork {
  readonly #queue: ExchangeQueue;
  readonly #relay: Relay;
  readonly #options: HttpOptions;
  readonly #listener: RequestListener;
  readonly #writer: RequestWriter;
  readonly #parser: MessageParser;
  /** The last request may change the protocol and is not answered yet. */
  #undecided = false;
  #bytesWhileUndecided = false;
  #lastMayTunnel = false;
  readonly #declared: boolean;
  #headTimer: Timer | null = null;
  /** The last request of this turn, of which no observer has heard yet, with its head and the size of its body. */
  #untold: Exchange | null = null;
  #untoldHead: Head | null = null;
  #untoldBytes = 0;
  #detecting = false;
  /** Null as long as all requests go to the upstream that was dialled when the connection came. */
  #switch: UpstreamSwitch | null = null;
  /** No request has come, and no FIN. */
  #isNew = true;

  constructor(
    queue: ExchangeQueue,
    relay: Relay,
    options: HttpOptions,
    declared: boolean,
    listener: RequestListener,
  ) {
    this.#queue = queue;
    this.#relay = relay;
    this.#options = options;
    this.#declared = declared;
    this.#listener = listener;
    this.#writer = new RequestWriter(relay);
    this.#parser = new MessageParser("request", this);
  }

  /** True once requests are not read any more. */
  get isOpaque(): boolean {
    return this.#parser.isOpaque;
  }

  /** True as long as nothing has come. */
  get isUntouched(): boolean {
    return this.#parser.isUndetected && !this.#parser.holding && !this.#parser.isOpaque;
  }

  /** True while bytes wait for their upstream. */
  get isWaiting(): boolean {
    return this.#switch?.isWaiting === true;
  }

  /** True if no request goes elsewhere than to the upstream that was dialled when the connection came. */
  get isUnroutable(): boolean {
    return this.#switch === null && !this.#mayBeRouted;
  }

  /**
   * False if no exchange needs the upstream: those that were sent to it are answered and the next one waits for
   * another, or, with routing on, there was none yet and who knows where the first is to go.
   */
  get needsUpstream(): boolean {
    const { first } = this.#queue;
    if (first !== null) return !first.isHeld || this.#switch!.isFinal;
    return !this.#mayBeRouted || !this.#isNew || !this.#declared || this.isOpaque;
  }

  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
    this.#writer.flush();
    if (this.#untold !== null) this.#relay.afterTurn(this);
    this.#watchHead();
  }

  /** FIN: a head that is held is released. */
  finish(): void {
    this.#isNew = false;
    this.#parser.end();
    this.#writer.flush();
    this.#stopHeadTimer();
    if (this.#switch === null) this.#relay.endUpstream();
    else this.#switch.end();
  }

  /** The upstream has gone that `needsUpstream` did not ask for. */
  upstreamLost(): void {
    this.#useSwitch().lost();
  }

  /** The response to the first exchanges may be complete: the next may go to their upstreams. */
  advance(): void {
    this.#switch?.advance();
  }

  /** No response can be sent any more. */
  close(): void {
    this.#switch?.close();
  }

  /** The session is over. */
  closed(reason: CloseReason): void {
    this.#tell();
    this.#stopHeadTimer();
    this.#parser.close();
    this.#switch?.closed(reason);
  }

  /** Responses are not read any more. */
  settle(reason: OpaqueReason): void {
    this.#release(reason);
    this.#switch?.settle();
  }

  /** The protocol change that a request asked for was refused. */
  refused(): void {
    if (!this.#undecided) return;
    this.#undecided = false;
    // Bytes that came after such a request are of unknown language; without any, HTTP goes on.
    if (this.#bytesWhileUndecided) this.#release("early-tunnel-bytes");
    else this.#parser.resume();
  }

  /**
   * The request that this turn completed has left, unless its upstream is not ready. That is told first, since those who
   * measure it must not measure those who read the head.
   */
  afterTurn(): void {
    const exchange = this.#untold;
    if (exchange === null) return;
    if (!exchange.isHeld) this.#tellForwarded(exchange);
    this.#tell();
  }

  // --- MessageSink ---

  begin(): OpaqueReason | null {
    return this.#queue.isFull ? "too-many-pending" : null;
  }

  head(head: Head): Framing {
    const framing = requestFraming(head);
    if (framing >= Framing.AmbiguousBoth) return framing;
    this.#tell();
    const exchange = this.#queue.push();
    this.#isNew = false;
    exchange.startedAtUs = this.#options.clock.nowUs();
    exchange.isHead = head.methodIs("HEAD");
    exchange.isConnect = head.methodIs("CONNECT");
    exchange.mayTunnel = exchange.isConnect || asksUpgrade(head);
    this.#lastMayTunnel = exchange.mayTunnel;
    edit.begin(head);
    try {
      this.#apply(exchange, head);
      this.#writer.head(head, edit);
    } catch (error) {
      edit.begin(head);
      this.#writer.head(head, edit);
      this.#options.onBug(error);
    }
    this.#untold = exchange;
    this.#untoldHead = head;
    this.#untoldBytes = framing === Framing.Chunked ? -1 : head.contentLength;
    this.#parser.keepHead();
    return framing;
  }

  wire(buf: Uint8Array, from: number, to: number): void {
    if (this.#undecided) this.#bytesWhileUndecided = true;
    this.#writer.wire(buf, from, to);
  }

  end(): void {
    if (!this.#lastMayTunnel || this.#queue.length === 0) return;
    this.#undecided = true;
    this.#bytesWhileUndecided = false;
    this.#parser.wait();
  }

  opaque(reason: OpaqueReason, buf: Uint8Array, from: number, to: number): void {
    this.#writer.wire(buf, from, to);
    this.#listener.requestsOpaque(reason);
  }

  #apply(exchange: Exchange, head: Head): void {
    const { policies, isIgnored } = this.#options;
    exchange.target.read(head, exchange.isConnect);
    exchange.ignored = isIgnored(exchange, head);
    for (let i = 0; i < policies.length; i++) policies[i]!.apply(exchange, head, edit);
    if (exchange.route !== null || this.#switch !== null) this.#direct(exchange);
  }

  /** To the upstream it is routed to, after all bytes before it. */
  #direct(exchange: Exchange): void {
    this.#writer.flush();
    this.#useSwitch().begin(exchange);
  }

  #useSwitch(): UpstreamSwitch {
    if (this.#switch !== null) return this.#switch;
    const onFlowing = () => this.#watchHead();
    const routing = this.#options.routing!;
    this.#switch = new UpstreamSwitch(this.#queue, this.#relay, routing, onFlowing);
    this.#writer.out = this.#switch;
    return this.#switch;
  }

  get #mayBeRouted(): boolean {
    return this.#queue.conn.direction === "outbound" && this.#options.routing?.switches.isOn === true;
  }

  #tellForwarded(exchange: Exchange): void {
    const { observers, onBug } = this.#options;
    try {
      for (let i = 0; i < observers.length; i++) observers[i]!.forwarded?.(exchange);
    } catch (error) {
      onBug(error);
    }
  }

  /** Before anything else becomes of it, observers hear of the request that they have not heard of. */
  #tell(): void {
    const exchange = this.#untold;
    if (exchange === null) return;
    const head = this.#untoldHead!;
    this.#untold = null;
    this.#untoldHead = null;
    const { observers, onBug } = this.#options;
    try {
      for (let i = 0; i < observers.length; i++) observers[i]!.requested(exchange, head, this.#untoldBytes);
    } catch (error) {
      onBug(error);
    }
    giveBackHead(head);
  }

  /** Gives up reading; what is held goes on unchanged. */
  #release(reason: OpaqueReason): void {
    this.#stopHeadTimer();
    this.#undecided = false;
    this.#parser.detach(reason);
    this.#writer.flush();
  }

  /** The server's own timeout for a slow head must see the bytes, so none is held for long. */
  #watchHead(): void {
    const detecting = !this.#declared && this.#parser.isUndetected;
    const holding = this.#parser.holding && !this.isWaiting;
    if (!holding || detecting !== this.#detecting) this.#stopHeadTimer();
    if (!holding || this.#headTimer !== null) return;
    this.#detecting = detecting;
    const timeoutMs = detecting ? DETECTION_TIMEOUT_MS : this.#options.headTimeoutMs;
    this.#headTimer = setTimeout(() => this.#release("head-timeout"), timeoutMs);
  }

  #stopHeadTimer(): void {
    if (this.#headTimer === null) return;
    clearTimeout(this.#headTimer);
    this.#headTimer = null;
  }
}
