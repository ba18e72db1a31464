/** The upstream's direction of an HTTP connection: reads responses, which are already on their way, ends exchanges. */
import { announcedLength, Framing, responseFraming } from "../http1/framing.ts";
import type { Head } from "../http1/head.ts";
import { MessageParser, type MessageSink, type OpaqueReason } from "../http1/parser.ts";
import type { Exchange, ExchangeQueue, Outcome } from "./exchange.ts";
import type { HttpOptions } from "./http-handler.ts";

/** What the responses mean for the rest of the connection. */
export interface ResponseListener {
  /** A final response to a request that might have changed the protocol, but did not. */
  tunnelRefused(): void;
  /** Nothing is read any more. */
  responsesOpaque(reason: OpaqueReason): void;
}

export class ResponseStream implements MessageSink {
  readonly #queue: ExchangeQueue;
  readonly #options: HttpOptions;
  readonly #listener: ResponseListener;
  readonly #parser: MessageParser;
  /** What the clock said since the current chunk came, 0 if it was not asked. */
  #nowUs = 0;

  constructor(queue: ExchangeQueue, options: HttpOptions, listener: ResponseListener) {
    this.#queue = queue;
    this.#options = options;
    this.#listener = listener;
    this.#parser = new MessageParser("response", this);
  }

  push(chunk: Uint8Array): void {
    this.#nowUs = 0;
    this.#parser.push(chunk);
  }

  /** FIN: a close-delimited body is complete. */
  finish(): void {
    this.#nowUs = 0;
    this.#parser.end();
  }

  /** The connection is over: whatever waits for a response will not get it. */
  closed(outcome: Outcome): void {
    this.#parser.close();
    this.#abandon(outcome);
  }

  // --- MessageSink ---

  begin(): OpaqueReason | null {
    const { first } = this.#queue;
    return first === null || first.isHeld ? "unsolicited" : null;
  }

  head(head: Head): Framing {
    const exchange = this.#queue.first!;
    const framing = responseFraming(head, exchange.isHead, exchange.isConnect);
    exchange.status = head.status;
    exchange.responseBytes = bodyBytes(head, framing, exchange.isHead);
    if (head.status >= 200 || head.status === 101) this.#responded(exchange, head);
    return framing;
  }

  wire(): void {}

  end(): void {
    const exchange = this.#queue.first!;
    const { status, isConnect, mayTunnel } = exchange;
    if (status === 101 || (isConnect && status >= 200 && status < 300)) {
      this.#end("tunnel");
      this.#parser.detach(isConnect ? "connect" : "upgrade");
    } else if (status < 200) {
      exchange.status = 0;
      exchange.responseBytes = -1;
    } else {
      this.#end("complete");
      if (mayTunnel) this.#listener.tunnelRefused();
    }
  }

  opaque(reason: OpaqueReason): void {
    const { first } = this.#queue;
    // A head that ends with the connection is no answer, whatever its status.
    if (first !== null && first.status === 0 && reason !== "half-head") {
      const { statusOfBadHead } = this.#parser;
      if (statusOfBadHead >= 200) first.status = statusOfBadHead;
    }
    for (let e = this.#queue.first; e !== null; e = e.next) e.unreadable = reason;
    this.#abandon("unreadable");
    this.#listener.responsesOpaque(reason);
  }

  #abandon(outcome: Outcome): void {
    this.#nowUs = 0;
    while (this.#queue.first !== null) this.#end(outcome);
  }

  #responded(exchange: Exchange, head: Head): void {
    exchange.respondedAtUs = this.#now();
    const { observers, onBug } = this.#options;
    try {
      for (let i = 0; i < observers.length; i++) observers[i]!.responded?.(exchange, head);
    } catch (error) {
      onBug(error);
    }
  }

  #end(outcome: Outcome): void {
    const exchange = this.#queue.first!;
    exchange.outcome = outcome;
    exchange.endedAtUs = this.#now();
    this.#queue.shift();
    const { policies, observers, onBug } = this.#options;
    try {
      for (let i = 0; i < policies.length; i++) policies[i]!.ended?.(exchange);
      for (let i = 0; i < observers.length; i++) observers[i]!.ended(exchange);
    } catch (error) {
      onBug(error);
    }
  }

  /** Reading the clock costs as much as reading a small head: once per chunk is enough. */
  #now(): number {
    if (this.#nowUs === 0) this.#nowUs = this.#options.clock.nowUs();
    return this.#nowUs;
  }
}

function bodyBytes(head: Head, framing: Framing, toHead: boolean): number {
  if (framing === Framing.Length) return head.contentLength;
  if (framing !== Framing.None) return -1;
  return toHead ? announcedLength(head) : 0;
}
