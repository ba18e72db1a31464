/** The upstream's direction of an HTTP connection: reads responses, which are already on their way, ends exchanges. */
import { announcedLength, Framing, responseFraming } from "../http1/framing.ts";
import type { Head } from "../http1/head.ts";
import { MessageParser, type MessageSink, type OpaqueReason } from "../http1/parser.ts";
import type { ExchangeQueue, Outcome } from "./exchange.ts";
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

  constructor(queue: ExchangeQueue, options: HttpOptions, listener: ResponseListener) {
    this.#queue = queue;
    this.#options = options;
    this.#listener = listener;
    this.#parser = new MessageParser("response", this);
  }

  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
  }

  /** FIN: a close-delimited body is complete. */
  finish(): void {
    this.#parser.end();
  }

  /** The connection is over: whatever waits for a response will not get it. */
  abandon(outcome: Outcome): void {
    while (this.#queue.first !== null) this.#end(outcome);
  }

  // --- MessageSink ---

  begin(): OpaqueReason | null {
    return this.#queue.first === null ? "unsolicited" : null;
  }

  head(head: Head): Framing {
    const exchange = this.#queue.first!;
    const framing = responseFraming(head, exchange.isHead, exchange.isConnect);
    exchange.status = head.status;
    exchange.responseBytes = bodyBytes(head, framing, exchange.isHead);
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
    for (let e = this.#queue.first; e !== null; e = e.next) e.unreadable = reason;
    this.abandon("unreadable");
    this.#listener.responsesOpaque(reason);
  }

  #end(outcome: Outcome): void {
    const exchange = this.#queue.first!;
    exchange.outcome = outcome;
    this.#queue.shift();
    const { policies, observers, onBug } = this.#options;
    try {
      for (let i = 0; i < policies.length; i++) policies[i]!.ended?.(exchange);
      for (let i = 0; i < observers.length; i++) observers[i]!.ended(exchange);
    } catch (error) {
      onBug(error);
    }
  }
}

function bodyBytes(head: Head, framing: Framing, toHead: boolean): number {
  if (framing === Framing.Length) return head.contentLength;
  if (framing !== Framing.None) return -1;
  return toHead ? announcedLength(head) : 0;
}
