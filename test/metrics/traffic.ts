/** Exchanges through a real HttpHandler, watched by metrics, at times that the test sets. */
import type { Head } from "../../src/http1/head.ts";
import type { Exchange, ExchangeObserver, Policy } from "../../src/mesh/exchange.ts";
import { HttpHandler } from "../../src/mesh/http-handler.ts";
import { Exposition, type Format } from "../../src/metrics/exposition.ts";
import { HttpMetrics, type HttpMetricsOptions } from "../../src/metrics/http-metrics.ts";
import type { CloseReason, Direction } from "../../src/proxy/handler.ts";
import { connInfo, FakeRelay } from "../mesh/conversation.ts";

/** The traces of all requests are sampled and have this id. */
export const TRACE_ID = "0123456789abcdef0fedcba987654321";
const START_US = 1_700_000_000_000_000;

class SampledPolicy implements Policy {
  apply(exchange: Exchange): void {
    exchange.traced = true;
    exchange.context.flags = 1;
    exchange.context.traceHighHi = 0x01234567;
    exchange.context.traceHighLo = 0x89abcdef | 0;
    exchange.context.traceLowHi = 0x0fedcba9;
    exchange.context.traceLowLo = 0x87654321 | 0;
  }
}

interface Asked {
  readonly direction?: Direction;
  readonly method?: string;
  readonly host?: string;
  readonly version?: string;
  readonly status?: number;
  readonly ms?: number;
}

export class Traffic {
  nowUs = START_US;
  readonly metrics: HttpMetrics;
  readonly bugs: unknown[] = [];
  /** The metrics, and who else watches. */
  readonly observers: ExchangeObserver[];
  readonly #policies: Policy[];

  constructor(options: Partial<HttpMetricsOptions> = {}, sampled = false) {
    this.#policies = sampled ? [new SampledPolicy()] : [];
    this.metrics = new HttpMetrics({
      nowUs: () => this.nowUs,
      maxSeries: 1000,
      idleMs: 600_000,
      withRoutes: true,
      ...options,
    });
    this.observers = [this.metrics];
  }

  /** A new connection. */
  open(direction: Direction = "inbound"): HttpHandler {
    return new HttpHandler(connInfo(direction), new FakeRelay(), {
      policies: this.#policies,
      observers: this.observers,
      clock: { nowUs: () => this.nowUs },
      isIgnored: (_exchange: Exchange, _head: Head) => false,
      headTimeoutMs: 1000,
      onOpaque: () => {},
      onBug: (error) => this.bugs.push(error),
    });
  }

  /** A request and its response on a connection of their own. */
  exchange(path: string, asked: Asked = {}): this {
    const { direction, ms = 3, status = 200 } = asked;
    const connection = this.open(direction);
    connection.clientData(request(path, asked));
    this.nowUs += ms * 1000;
    connection.upstreamData(response(status));
    return this;
  }

  /** A request whose connection ends before it is answered. */
  broken(path: string, reason: CloseReason, asked: Asked = {}): this {
    const connection = this.open(asked.direction);
    connection.clientData(request(path, asked));
    connection.closed(reason);
    return this;
  }

  scrape(format: Format = "prometheus"): string {
    const out = new Exposition(format);
    this.metrics.write(out);
    return Buffer.from(out.end()).toString();
  }

  /** The labels of each series of `family`, without those that are always the same. */
  series(family: string): string[] {
    const count = new RegExp(`^${family}_count\\{(.*)\\} (\\d+)$`, "gm");
    return [...this.scrape().matchAll(count)].map(([, labels, n]) => {
      const shown = labels!.replace(/url_scheme="http",|network_protocol_version="1.1",/g, "");
      return `${shown} ${n}`;
    });
  }
}

export function request(
  path: string,
  { method = "GET", host = "shop", version = "1.1" }: Asked = {},
): Buffer {
  return Buffer.from(`${method} ${path} HTTP/${version}\r\nHost: ${host}\r\n\r\n`, "latin1");
}

export function response(status: number): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
}
