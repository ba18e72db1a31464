/** Plays a conversation through an HttpHandler and records what came out on both sides and what was observed. */
import type { HeadEdit } from "../../src/http1/edit.ts";
import { type Head, latin1 } from "../../src/http1/head.ts";
import type { Exchange, ExchangeObserver, Policy } from "../../src/mesh/exchange.ts";
import { HttpHandler } from "../../src/mesh/http-handler.ts";
import { RequestIdPolicy } from "../../src/mesh/policy/request-id.ts";
import type { Afterwork, CloseReason, ConnInfo, Direction, Relay } from "../../src/proxy/handler.ts";

/** The line that the request id policy of these tests inserts. */
export const ID_LINE = "X-Request-Id: new-id\r\n";

export function connInfo(direction: Direction = "inbound"): ConnInfo {
  return {
    id: 1,
    direction,
    client: { ip: "198.18.0.2", port: 40000 },
    originalDst: { ip: "198.18.0.1", port: 8080 },
  };
}

/** What a session would have been told, in order. */
export class FakeRelay implements Relay {
  upstream = "";
  client = "";
  upstreamWrites = 0;
  opaque = false;
  aborted = false;
  readonly #afterwork: Afterwork[] = [];

  /** With `isLate` what is sent to the client leaves at the end of the turn, which is up to the test. */
  constructor(readonly isLate = false) {}

  toUpstream(bytes: Uint8Array): void {
    this.upstreamWrites++;
    this.upstream += Buffer.from(bytes).toString("latin1");
  }
  toClient(bytes: Uint8Array): boolean {
    this.client += Buffer.from(bytes).toString("latin1");
    return this.isLate;
  }
  afterTurn(work: Afterwork): void {
    if (this.isLate) this.#afterwork.push(work);
    else work.afterTurn();
  }
  endTurn(): void {
    for (const work of this.#afterwork.splice(0)) work.afterTurn();
  }
  endUpstream(): void {
    this.upstream += "<FIN>";
  }
  endClient(): void {
    this.client += "<FIN>";
  }
  becomeOpaque(): void {
    this.opaque = true;
  }
  abort(): void {
    this.aborted = true;
  }
  connect(): void {}
  disconnect(): boolean {
    return true;
  }
  pauseClient(): void {}
  resumeClient(): void {}
}

class RecordingObserver implements ExchangeObserver {
  readonly seen: string[] = [];

  requested(exchange: Exchange, head: Head, requestBytes: number): void {
    const method = latin1(head.buf, head.start, head.methodEnd);
    const target = latin1(head.buf, head.targetStart, head.targetEnd);
    this.seen.push(`> ${method} ${target} ${requestBytes} ${exchange.requestId}`);
  }
  ended({ status, responseBytes, outcome }: Exchange): void {
    this.seen.push(`< ${status} ${responseBytes} ${outcome}`);
  }
}

export interface ConversationOptions {
  readonly headTimeoutMs?: number;
  /** False: a port that may or may not carry HTTP. */
  readonly declared?: boolean;
  readonly policies?: Policy[];
  readonly observers?: ExchangeObserver[];
  readonly conn?: ConnInfo;
  /** Microseconds of the wall clock; it goes on by one each time it is asked. */
  readonly startUs?: number;
  /** Another clock. */
  readonly nowUs?: () => number;
  /** Everything happens in one turn of the event loop, until somebody looks at what came of it. */
  readonly isOneTurn?: boolean;
}

export class Conversation {
  readonly #relay: FakeRelay;
  readonly #observer = new RecordingObserver();
  readonly #opaqueReasons: string[] = [];
  readonly #bugs: unknown[] = [];
  #nowUs: number;
  readonly handler: HttpHandler;

  constructor(options: ConversationOptions = {}) {
    const { headTimeoutMs = 60_000, declared = true, policies, observers, conn = connInfo() } = options;
    this.#nowUs = options.startUs ?? 0;
    this.#relay = new FakeRelay(options.isOneTurn);
    const http = {
      policies: policies ?? [new RequestIdPolicy("X-Request-Id", () => "new-id")],
      observers: observers ?? [this.#observer],
      clock: { nowUs: options.nowUs ?? (() => ++this.#nowUs) },
      isIgnored: () => false,
      headTimeoutMs,
      onOpaque: (_: unknown, reason: string) => this.#opaqueReasons.push(reason),
      onBug: (error: unknown) => this.#bugs.push(error),
    };
    this.handler = new HttpHandler(conn, this.#relay, http, declared);
  }

  get relay(): FakeRelay {
    return this.endTurn().#relay;
  }

  get observer(): RecordingObserver {
    return this.endTurn().#observer;
  }

  get opaqueReasons(): readonly string[] {
    return this.endTurn().#opaqueReasons;
  }

  get bugs(): readonly unknown[] {
    return this.endTurn().#bugs;
  }

  endTurn(): this {
    this.#relay.endTurn();
    return this;
  }

  /** Client bytes, in pieces of `size` bytes; 0 sends them whole. As a session would, opaque bytes bypass the handler. */
  client(bytes: string, size = 0): this {
    for (const piece of pieces(bytes, size)) {
      if (this.#relay.opaque) this.#relay.toUpstream(piece);
      else this.handler.clientData(piece);
    }
    return this;
  }

  /** Time passes. */
  wait(us: number): this {
    this.#nowUs += us;
    return this;
  }

  upstream(bytes: string, size = 0): this {
    for (const piece of pieces(bytes, size)) {
      if (this.#relay.opaque) this.#relay.toClient(piece);
      else this.handler.upstreamData(piece);
    }
    return this;
  }

  clientEnd(): this {
    if (this.#relay.opaque) this.#relay.endUpstream();
    else this.handler.clientEnd();
    return this;
  }

  upstreamEnd(): this {
    if (this.#relay.opaque) this.#relay.endClient();
    else this.handler.upstreamEnd();
    return this;
  }

  closed(reason: CloseReason): this {
    this.handler.closed(reason);
    return this;
  }
}

/** A policy that does nothing but fail. */
export class BrokenPolicy implements Policy {
  apply(_exchange: Exchange, _head: Head, edit: HeadEdit): void {
    edit.removeLine(0);
    throw new Error("broken");
  }
}

function pieces(bytes: string, size: number): Buffer[] {
  const all = Buffer.from(bytes, "latin1");
  if (size === 0) return [all];
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.subarray(i * size, (i + 1) * size),
  );
}
