/** The client's direction of an HTTP connection: reads requests, edits their heads, opens exchanges. */
import { HeadEdit } from "../http1/edit.ts";
import { asksUpgrade, Framing, requestFraming } from "../http1/framing.ts";
import type { Head } from "../http1/head.ts";
import { MessageParser, type MessageSink, type OpaqueReason } from "../http1/parser.ts";
import type { Relay } from "../proxy/handler.ts";
import type { Exchange, ExchangeQueue } from "./exchange.ts";
import type { HttpOptions } from "./http-handler.ts";
import { RequestWriter } from "./request-writer.ts";

/** On a port that nobody declared to be HTTP, a client that sends a word and waits is not kept waiting for long. */
const DETECTION_TIMEOUT_MS = 50;

/** Shared by all connections: used within one synchronous call. */
const edit = new HeadEdit();

export class RequestStream implements MessageSink {
  readonly #queue: ExchangeQueue;
  readonly #options: HttpOptions;
  readonly #onOpaque: (reason: OpaqueReason) => void;
  readonly #writer: RequestWriter;
  readonly #parser: MessageParser;
  /** The last request may change the protocol and is not answered yet. */
  #undecided = false;
  #bytesWhileUndecided = false;
  #lastMayTunnel = false;
  readonly #declared: boolean;
  #headTimer: Timer | null = null;
  /** The exchange whose head the current chunk completed, the last if several. */
  #unforwarded: Exchange | null = null;
  #detecting = false;

  constructor(
    queue: ExchangeQueue,
    relay: Relay,
    options: HttpOptions,
    declared: boolean,
    onOpaque: (reason: OpaqueReason) => void,
  ) {
    this.#queue = queue;
    this.#options = options;
    this.#declared = declared;
    this.#onOpaque = onOpaque;
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

  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
    this.#writer.flush();
    if (this.#unforwarded !== null) this.#forwarded(this.#unforwarded);
    this.#watchHead();
  }

  /** FIN: a head that is held is released. */
  finish(): void {
    this.#parser.end();
    this.#writer.flush();
    this.stop();
  }

  /** Give up reading; what is held goes on unchanged. */
  release(reason: OpaqueReason): void {
    this.stop();
    this.#undecided = false;
    this.#parser.detach(reason);
    this.#writer.flush();
  }

  /** The protocol change that a request asked for was refused. */
  refused(): void {
    if (!this.#undecided) return;
    this.#undecided = false;
    // Bytes that came after such a request are of unknown language; without any, HTTP goes on.
    if (this.#bytesWhileUndecided) this.release("early-tunnel-bytes");
    else this.#parser.resume();
  }

  /** No timer outlives the connection. */
  stop(): void {
    if (this.#headTimer === null) return;
    clearTimeout(this.#headTimer);
    this.#headTimer = null;
  }

  // --- MessageSink ---

  begin(): OpaqueReason | null {
    return this.#queue.isFull ? "too-many-pending" : null;
  }

  head(head: Head): Framing {
    const framing = requestFraming(head);
    if (framing >= Framing.AmbiguousBoth) return framing;
    const exchange = this.#queue.push();
    exchange.startedAtUs = this.#options.clock.nowUs();
    this.#unforwarded = exchange;
    exchange.isHead = head.methodIs("HEAD");
    exchange.isConnect = head.methodIs("CONNECT");
    exchange.mayTunnel = exchange.isConnect || asksUpgrade(head);
    this.#lastMayTunnel = exchange.mayTunnel;
    edit.begin(head);
    try {
      this.#apply(exchange, head, framing);
      this.#writer.head(head, edit);
    } catch (error) {
      edit.begin(head);
      this.#writer.head(head, edit);
      this.#options.onBug(error);
    }
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
    this.#onOpaque(reason);
  }

  #apply(exchange: Exchange, head: Head, framing: Framing): void {
    const { policies, observers, isIgnored } = this.#options;
    exchange.target.read(head, exchange.isConnect);
    exchange.ignored = isIgnored(exchange, head);
    for (let i = 0; i < policies.length; i++) policies[i]!.apply(exchange, head, edit);
    const bodyBytes = framing === Framing.Chunked ? -1 : head.contentLength;
    for (let i = 0; i < observers.length; i++) observers[i]!.requested(exchange, head, bodyBytes);
  }

  #forwarded(exchange: Exchange): void {
    this.#unforwarded = null;
    const { observers, onBug } = this.#options;
    try {
      for (let i = 0; i < observers.length; i++) observers[i]!.forwarded?.(exchange);
    } catch (error) {
      onBug(error);
    }
  }

  /** The server's own timeout for a slow head must see the bytes, so none is held for long. */
  #watchHead(): void {
    const detecting = !this.#declared && this.#parser.isUndetected;
    if (!this.#parser.holding || detecting !== this.#detecting) this.stop();
    if (!this.#parser.holding || this.#headTimer !== null) return;
    this.#detecting = detecting;
    const timeoutMs = detecting ? DETECTION_TIMEOUT_MS : this.#options.headTimeoutMs;
    this.#headTimer = setTimeout(() => this.release("head-timeout"), timeoutMs);
  }
}
