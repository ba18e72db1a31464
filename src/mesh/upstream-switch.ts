/**
 * The requests of one connection that go to different upstreams: one upstream at a time.
 *
 * A request for another upstream than the present one waits, with all bytes after it, until the exchanges before it are
 * over; the client is not read meanwhile. Then the present upstream is left and the other one dialled. So responses
 * come in the order of their requests without being held back, and no more waits here than what one read gave.
 */
import { type Address, formatAddress } from "../address.ts";
import type { CloseReason, Relay } from "../proxy/handler.ts";
import type { Exchange, ExchangeQueue } from "./exchange.ts";
import type { Lookup, Routing } from "./policy/routing.ts";
import type { Route } from "./policy/routing-value.ts";

const enum Upstream {
  /** Dialled, and what is written goes there. */
  Present,
  /** What is queued for it has to go first. */
  Leaving,
  None,
}

export class UpstreamSwitch {
  readonly #queue: ExchangeQueue;
  readonly #relay: Relay;
  readonly #routing: Routing;
  readonly #onFlowing: () => void;
  #upstream = Upstream.Present;
  /** Of the present upstream; null is the original destination. */
  #route: Route | null = null;
  #address: Address;
  #lookup: Lookup | null = null;
  /** Bytes, and before them the exchange that begins with them if it has to wait. */
  #waiting: (Uint8Array | Exchange)[] = [];
  #clientIsPaused = false;
  #finWaits = false;
  /** No upstream is left for another any more: its end is the client's. */
  isFinal = false;
  /** What the client sends is for nobody: a request before it could not be delivered. */
  #isDeaf = false;
  readonly #advance = (): void => this.advance();

  /** `onFlowing` is called when nothing waits any more. */
  constructor(queue: ExchangeQueue, relay: Relay, routing: Routing, onFlowing: () => void) {
    this.#queue = queue;
    this.#relay = relay;
    this.#routing = routing;
    this.#onFlowing = onFlowing;
    this.#address = queue.conn.originalDst;
  }

  /** True if bytes wait for their upstream. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The bytes that follow belong to `exchange`, up to the next one. */
  begin(exchange: Exchange): void {
    if (this.isFinal || (!this.isWaiting && this.#serves(exchange))) {
      exchange.upstream = this.#address;
      return;
    }
    exchange.isHeld = true;
    this.#waiting.push(exchange);
    this.advance();
    if (this.isWaiting && !this.#clientIsPaused) this.#pauseClient();
    exchange.isUpstreamLate = exchange.route !== null && exchange.upstream === null;
  }

  toUpstream(bytes: Uint8Array, transient = false): void {
    if (this.#isDeaf) return;
    if (this.isWaiting) {
      this.#waiting.push(transient ? new Uint8Array(bytes) : bytes);
      return;
    }
    this.#needUpstream();
    this.#relay.toUpstream(bytes, transient);
  }

  /** FIN from the client. */
  end(): void {
    this.#finWaits = this.isWaiting;
    if (!this.isWaiting) this.#passFin();
  }

  /** An exchange is over, an upstream is left, an address is known: what can go on does. */
  advance(): void {
    if (!this.isWaiting) return;
    let gone = 0;
    while (gone < this.#waiting.length) {
      const next = this.#waiting[gone]!;
      if (next instanceof Uint8Array) this.#relay.toUpstream(next);
      else if (!this.#turnTo(next)) break;
      gone++;
    }
    this.#waiting.splice(0, gone);
    if (!this.isWaiting) this.#flow();
  }

  /** The upstream has gone, without an exchange that it had to answer. */
  lost(): void {
    this.#upstream = Upstream.None;
    this.advance();
  }

  /** Responses are not followed any more: all that waits goes the way that its first bytes go. */
  settle(): void {
    this.isFinal = true;
    if (!this.isWaiting) return;
    const turn = this.#upstream === Upstream.Present ? null : this.#waiting[0]!;
    this.#waiting = this.#waiting.filter((each) => each === turn || each instanceof Uint8Array);
    if (this.isWaiting) this.advance();
    else this.#flow();
  }

  /** The client can be sent no further response: what waits for its upstream, and what follows it, is for nobody. */
  close(): void {
    this.isFinal = true;
    if (!this.isWaiting) return;
    this.#isDeaf = true;
    this.#waiting = [];
    this.#flow();
  }

  /** The session is over; says so if it is the fault of where a request was routed. */
  closed(reason: CloseReason): void {
    const route = this.#route;
    const at = formatAddress(this.#address);
    const isPending = this.#queue.first !== null && !this.#isDeaf;
    this.#isDeaf = true;
    this.#waiting = [];
    if (!isPending || route === null) return;
    if (reason === "connect-failed") this.#routing.failed(route, `cannot connect to ${at}`);
    if (reason === "upstream-reset") this.#routing.failed(route, `${at} has reset the connection`);
  }

  #pauseClient(): void {
    this.#clientIsPaused = true;
    this.#relay.pauseClient();
  }

  #flow(): void {
    if (!this.#clientIsPaused) return;
    this.#clientIsPaused = false;
    this.#relay.resumeClient();
    if (this.#finWaits) this.#passFin();
    this.#onFlowing();
  }

  #passFin(): void {
    this.#needUpstream();
    this.#relay.endUpstream();
  }

  /** Bytes that belong to no request go to the original destination, if nobody else is there. */
  #needUpstream(): void {
    if (this.#upstream === Upstream.None && !this.#isDeaf) this.#connect(null, this.#queue.conn.originalDst);
  }

  #connect(route: Route | null, address: Address): void {
    this.#upstream = Upstream.Present;
    this.#route = route;
    this.#address = address;
    this.#relay.connect(address);
  }

  #serves({ route }: Exchange): boolean {
    if (this.#upstream !== Upstream.Present) return false;
    return route === this.#route || this.#textOf(route) === this.#textOf(this.#route);
  }

  #textOf(route: Route | null): string {
    return route === null ? formatAddress(this.#queue.conn.originalDst) : route.text;
  }

  /** True if the present upstream is that of `exchange` now. */
  #turnTo(exchange: Exchange): boolean {
    if (!this.#serves(exchange) && !this.#reach(exchange)) return false;
    exchange.isHeld = false;
    exchange.upstream = this.#address;
    return true;
  }

  #reach(exchange: Exchange): boolean {
    const { route } = exchange;
    const lookup = route === null ? null : this.#find(route);
    const { first } = this.#queue;
    if (first !== exchange && first !== null) return false;
    if (this.#upstream === Upstream.Present) this.#leave();
    if (this.#upstream === Upstream.Leaving || lookup?.isDone === false) return false;
    this.#lookup = null;
    if (lookup?.ip === null) return this.#fail(exchange);
    const address = route === null ? null : this.#routing.admit(route, lookup!.ip!);
    if (address === null) exchange.route = null;
    this.#connect(exchange.route, address ?? this.#queue.conn.originalDst);
    return true;
  }

  #find(route: Route): Lookup {
    if (this.#lookup !== null) return this.#lookup;
    const lookup = this.#routing.find(route);
    this.#lookup = lookup;
    if (!lookup.isDone) lookup.whenDone(this.#advance);
    return lookup;
  }

  #leave(): void {
    this.#upstream = Upstream.Leaving;
    if (this.#relay.disconnect(() => this.lost())) this.#upstream = Upstream.None;
  }

  #fail(exchange: Exchange): false {
    this.#routing.failed(exchange.route!, "its name has no address");
    exchange.isHeld = false;
    this.#isDeaf = true;
    this.#waiting = [];
    this.#relay.connect(null);
    return false;
  }
}
