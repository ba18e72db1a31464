/**
 * Header routing of netramesh 0.10. An inbound request that carries a routing value leaves it under its request id; an
 * outbound request goes where its own value sends it, or else the one left there, which is then added to it, so that it
 * travels on.
 */
import type { Address } from "../../address.ts";
import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head, latin1 } from "../../http1/head.ts";
import { eachCookieOf } from "../cookie.ts";
import type { Exchange, Policy } from "../exchange.ts";
import { MAX_KEY_LENGTH } from "./request-id.ts";
import { MAX_VALUE_BYTES, type RoutingValues } from "./routing-store.ts";
import { type Route, readRoutingValue } from "./routing-value.ts";
import { setField } from "./set-field.ts";

/** The search for the address of a name. */
export interface Lookup {
  readonly isDone: boolean;
  /** Null until it is done, and if there is no address. */
  readonly ip: string | null;
  /** Calls `listener` once, when it is done. */
  whenDone(listener: () => void): void;
}

export interface RoutingOptions {
  readonly headerName: string;
  readonly cookieName: string;
  readonly store: RoutingValues;
  /** Looks a name up without blocking. */
  readonly find: (name: string) => Lookup;
  /** Dialling this address would reach the proxy itself. */
  readonly isOurs: (address: Address) => boolean;
  /** One line of a kind for people; peers can provoke it. */
  readonly warn: (line: string, kind: string) => void;
}

/** What may change while connections are open; asked for every request. */
export interface RoutingSwitches {
  isOn: boolean;
  /** Ask the cookie before the header. */
  byCookie: boolean;
}

const SHOWN_CHARS = 200;

export class Routing implements Policy {
  readonly switches: RoutingSwitches;
  /**
   * Requests, but for `resolved`: `matched` were routed, `loop` would have gone where they go anyway or to ourselves,
   * `malformed` had a value that says nothing, `error` could not be delivered. `resolved`: upstreams found by name.
   */
  readonly counters = { matched: 0, resolved: 0, loop: 0, malformed: 0, error: 0 };
  readonly #options: RoutingOptions;
  readonly #name: FieldName;
  readonly #line: LinePrefix;

  constructor(options: RoutingOptions, switches: RoutingSwitches) {
    this.#options = options;
    this.switches = switches;
    this.#name = new FieldName(options.headerName);
    this.#line = new LinePrefix(options.headerName);
  }

  apply(exchange: Exchange, head: Head, edit: HeadEdit): void {
    if (!this.switches.isOn) return;
    const own = this.#ownValue(head);
    if (exchange.conn.direction === "inbound") this.#remember(exchange.requestId, own);
    else this.#route(exchange, head, own || this.#recall(exchange.requestId, head, edit));
  }

  /** The search for the address of a route. */
  find({ host, isIp }: Route): Lookup {
    return isIp ? new KnownAddress(host) : this.#options.find(host);
  }

  /** Where a route goes that led to `ip`; null is its original destination, because it led to ourselves. */
  admit({ text, isIp, port }: Route, ip: string): Address | null {
    const address = { ip, port };
    if (!isIp) this.counters.resolved++;
    if (!this.#options.isOurs(address)) return address;
    this.counters.loop++;
    this.#options.warn(`${text} is this proxy itself: the original destination is used`, "loop");
    return null;
  }

  /** A request could not be delivered to where it was routed. */
  failed({ text }: Route, why: string): void {
    this.counters.error++;
    this.#options.warn(`a request that is routed to ${text} failed: ${why}`, "failed");
  }

  #ownValue(head: Head): string {
    const cookie = this.switches.byCookie ? this.#cookie(head) : "";
    if (cookie !== "") return cookie;
    const field = head.find(this.#name);
    return field < 0 ? "" : head.value(field, MAX_VALUE_BYTES + 1);
  }

  #cookie(head: Head): string {
    let found = "";
    eachCookieOf(head, (name, value) => {
      if (found === "" && name === this.#options.cookieName) found = value;
    });
    return found;
  }

  #remember(requestId: string, value: string): void {
    if (value === "" || value.length > MAX_VALUE_BYTES || requestId.length > MAX_KEY_LENGTH) return;
    this.#options.store.put(requestId, value);
  }

  #recall(requestId: string, head: Head, edit: HeadEdit): string {
    const value = requestId.length > MAX_KEY_LENGTH ? null : this.#options.store.get(requestId);
    if (value === null) return "";
    setField(head, edit, this.#name, this.#line, value);
    return value;
  }

  #route(exchange: Exchange, head: Head, value: string): void {
    if (value === "") return;
    const { hostStart, hostEnd } = exchange.target;
    const isReadable = value.length <= MAX_VALUE_BYTES;
    const routed = isReadable ? readRoutingValue(value, latin1(head.buf, hostStart, hostEnd)) : "malformed";
    if (routed === "unchanged") return;
    if (routed === "loop") {
      this.counters.loop++;
    } else if (routed === "malformed") {
      this.counters.malformed++;
      this.#complain(value);
    } else {
      this.counters.matched++;
      exchange.route = routed;
    }
  }

  #complain(value: string): void {
    const shown = JSON.stringify(value.slice(0, SHOWN_CHARS));
    this.#options.warn(
      `routing value ${shown} is not host=host[:port],...: the original destination is used`,
      "malformed",
    );
  }
}

/** The lookup of what is an address already. */
class KnownAddress implements Lookup {
  readonly isDone = true;

  constructor(readonly ip: string) {}

  whenDone(listener: () => void): void {
    listener();
  }
}
