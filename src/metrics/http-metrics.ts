/** Rate, errors and duration of HTTP requests, and what the proxy itself takes of the time. */
import type { Head } from "../http1/head.ts";
import type { Exchange, ExchangeObserver } from "../mesh/exchange.ts";
import { OVERHEAD_BUCKETS, REQUEST_BUCKETS } from "./buckets.ts";
import { DIRECTION_LABELS, slotOf, writeByDirection } from "./directions.ts";
import type { Exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { HttpFamily } from "./http-family.ts";
import { labelText } from "./labels.ts";

/** Reading the clock once more costs a quarter of all counting: one request in so many is enough for quantiles. */
const OVERHEAD_SAMPLING = 8;

export interface HttpMetricsOptions {
  /** Wall clock microseconds, the clock of the exchanges. */
  readonly nowUs: () => number;
  /** Series of each family; what comes later counts as `_other`. */
  readonly maxSeries: number;
  /** A series that nothing has been counted in for so long goes. */
  readonly idleMs: number;
  /** Guess routes from paths. */
  readonly withRoutes: boolean;
}

export class HttpMetrics implements ExchangeObserver {
  readonly #options: HttpMetricsOptions;
  readonly #server: HttpFamily;
  readonly #client: HttpFamily;
  readonly #firstByte = new Histogram(REQUEST_BUCKETS, DIRECTION_LABELS.length);
  readonly #overhead = new Histogram(OVERHEAD_BUCKETS, DIRECTION_LABELS.length);
  /** Connections whose first request was understood, by direction. */
  readonly #detected = new Float64Array(DIRECTION_LABELS.length);
  #forwarded = 0;

  constructor(options: HttpMetricsOptions) {
    const { maxSeries, withRoutes } = options;
    this.#options = options;
    this.#server = new HttpFamily({
      name: "http_server_request_duration_seconds",
      help: "Duration of HTTP requests to the application, from the complete request head to the end of the response.",
      withServer: false,
      maxSeries,
      withRoutes,
    });
    this.#client = new HttpFamily({
      name: "http_client_request_duration_seconds",
      help: "Duration of HTTP requests of the application, from the complete request head to the end of the response.",
      withServer: true,
      maxSeries,
      withRoutes,
    });
  }

  /** Families whose series depend on what peers do. */
  get bounded(): readonly HttpFamily[] {
    return [this.#server, this.#client];
  }

  /** Connections in that direction whose first request was understood. */
  detected(slot: number): number {
    return this.#detected[slot]!;
  }

  requested(exchange: Exchange, head: Head): void {
    const { conn } = exchange;
    if (exchange.isFirst) this.#detected[slotOf(conn.direction)]!++;
    this.#family(exchange).requested(exchange, head);
  }

  forwarded({ conn, startedAtUs }: Exchange): void {
    if (this.#forwarded++ % OVERHEAD_SAMPLING !== 0) return;
    this.#overhead.observe(slotOf(conn.direction), Math.max(0, this.#options.nowUs() - startedAtUs));
  }

  responded({ conn, startedAtUs, respondedAtUs }: Exchange): void {
    this.#firstByte.observe(slotOf(conn.direction), Math.max(0, respondedAtUs - startedAtUs));
  }

  ended(exchange: Exchange): void {
    this.#family(exchange).ended(exchange);
  }

  write(out: Exposition): void {
    for (const family of this.bounded) {
      family.expire(this.#options.nowUs() - this.#options.idleMs * 1000);
      family.write(out);
    }
    this.#writeActive(out);
    writeByDirection(out, this.#firstByte, "netramesh_http_time_to_first_byte_seconds", FIRST_BYTE_HELP);
    writeByDirection(out, this.#overhead, "netramesh_proxy_overhead_seconds", OVERHEAD_HELP);
  }

  #family({ conn }: Exchange): HttpFamily {
    return conn.direction === "inbound" ? this.#server : this.#client;
  }

  #writeActive(out: Exposition): void {
    const active = new Map<string, number>();
    for (const { is, inFlight } of this.#server.kinds.all) {
      active.set(is.method, (active.get(is.method) ?? 0) + inFlight);
    }
    out.family("gauge", "http_server_active_requests", "HTTP requests to the application that are not over.");
    for (const [method, count] of active) {
      out.value(labelText({ http_request_method: method, url_scheme: "http" }), count);
    }
  }
}

const FIRST_BYTE_HELP = "Time from the complete request head to the complete head of the final response.";
const OVERHEAD_HELP =
  "Time from the complete request head until it was written to the upstream, " +
  `of one request in ${OVERHEAD_SAMPLING}.`;
