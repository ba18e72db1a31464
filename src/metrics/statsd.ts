/**
 * netramesh 0.10's statsd counter, `inbound.<status>`, for inbound exchanges that have a span
 * (netra-go pkg/protocol/http.go). Of equal counters within a datagram the sum is sent, which means the same
 * (https://github.com/statsd/statsd/blob/master/docs/metric_types.md) at a fraction of the lines.
 */
import type { Exchange, ExchangeObserver } from "../mesh/exchange.ts";
import type { Timers } from "../trace/timers.ts";

/** What fits into one Ethernet frame with IP options. */
export const DATAGRAM_BYTES = 1432;
const FLUSH_MS = 100;
/** One more than the largest status. */
const STATUSES = 1000;

export interface StatsdOptions {
  /** Comes before the names, joined by one dot. */
  readonly prefix: string;
  /** Sends a datagram or loses it, and never waits. */
  readonly send: (datagram: Uint8Array) => void;
  readonly timers: Timers;
}

export class StatsdObserver implements ExchangeObserver {
  readonly #options: StatsdOptions;
  readonly #name: string;
  readonly #counts = new Uint32Array(STATUSES);
  /** The statuses whose count is not 0. */
  readonly #counted: number[] = [];
  readonly #flushDue = (): void => this.flush();

  constructor(options: StatsdOptions) {
    this.#options = options;
    const prefix = options.prefix.replace(/\.+$/, "");
    this.#name = prefix === "" ? "inbound" : `${prefix}.inbound`;
  }

  requested(): void {}

  ended({ conn, ignored, status }: Exchange): void {
    if (conn.direction !== "inbound" || ignored || status === 0) return;
    if (this.#counts[status]!++ > 0) return;
    if (this.#counted.push(status) === 1) this.#options.timers.after(FLUSH_MS, this.#flushDue);
  }

  /** Sends what was counted since the last time. */
  flush(): void {
    let datagram = "";
    for (const status of this.#counted) {
      const line = `${this.#name}.${status}:${this.#counts[status]}|c`;
      this.#counts[status] = 0;
      if (datagram !== "" && datagram.length + 1 + line.length > DATAGRAM_BYTES) {
        this.#send(datagram);
        datagram = line;
      } else {
        datagram = datagram === "" ? line : `${datagram}\n${line}`;
      }
    }
    this.#counted.length = 0;
    if (datagram !== "") this.#send(datagram);
  }

  #send(datagram: string): void {
    this.#options.send(Buffer.from(datagram));
  }
}
