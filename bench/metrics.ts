/**
 * `bun bench/metrics.ts`: what counting and the access log cost each exchange, and the processor time of a scrape. Without
 * sockets, as bench/exchange.ts; rounds with and without take turns, over 64 connections and a few routes.
 */
import { AccessLog } from "../src/mesh/access-log/access-log.ts";
import { jsonFormat } from "../src/mesh/access-log/json.ts";
import type { ExchangeObserver } from "../src/mesh/exchange.ts";
import type { HttpHandler } from "../src/mesh/http-handler.ts";
import { RequestIdPolicy } from "../src/mesh/policy/request-id.ts";
import { Exposition } from "../src/metrics/exposition.ts";
import { HttpMetrics, type HttpMetricsOptions } from "../src/metrics/http-metrics.ts";
import type { Direction } from "../src/proxy/handler.ts";
import { Clock } from "../src/trace/clock.ts";
import { openConnections, RESPONSE, timeExchange } from "./load/exchange.ts";
import { REAL, requestOf, type Shape, TINY } from "./load/shapes.ts";
import { fastest } from "./statistics.ts";

const ROUNDS = 300;
const WARM_UP_ROUNDS = 100;
const US_PER_MS = 1000;
const PATHS = ["/", "/cart", "/cart/items/1234", "/products/3f2b8a17-90cd-4e7e-8f7a-1b7d1b6f8c11/reviews"];

const clock = new Clock();
const OPTIONS: HttpMetricsOptions = {
  nowUs: () => clock.nowUs(),
  maxSeries: 10_000,
  idleMs: 600_000,
  withRoutes: true,
};

function handlers(direction: Direction, observers: readonly ExchangeObserver[]): HttpHandler[] {
  return openConnections(direction, { policies: [new RequestIdPolicy("X-Request-Id")], observers, clock });
}

async function reportCost(
  direction: Direction,
  { name, headers }: Shape,
  observers: readonly ExchangeObserver[],
  what: string,
): Promise<void> {
  const identified = { name, headers: ["X-Request-Id: 0123456789", ...headers] };
  const requests = PATHS.map((path) => requestOf(identified, path));
  const without = handlers(direction, []);
  const observed = handlers(direction, observers);
  const off: number[] = [];
  const on: number[] = [];
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++) {
    const times = [timeExchange(without, requests), timeExchange(observed, requests)] as const;
    if (i >= 0) {
      off.push(times[0]);
      on.push(times[1]);
    }
    await Bun.sleep(1);
  }
  const cost = fastest(on).min - fastest(off).min;
  const { median } = fastest(on.map((ns, round) => ns - off[round]!));
  print(`${direction} ${name}, ${what}`, `${cost.toFixed(0)} ns per request (${median.toFixed(0)})`);
}

/** One label set for each of `series` routes. */
function reportScrape(series: number): void {
  const metrics = new HttpMetrics(OPTIONS);
  const [connection] = handlers("inbound", [metrics]);
  for (let i = 0; i < series; i++) {
    const path = [i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100) % 10, Math.floor(i / 1000)];
    const words = path.map((digit) => `place${"abcdefghij"[digit]}`);
    connection!.clientData(
      Buffer.from(`GET /${words.join("/")} HTTP/1.1\r\nHost: a\r\nX-Request-Id: 1\r\n\r\n`),
    );
    connection!.upstreamData(RESPONSE);
  }
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < 40; i++) {
    const before = process.cpuUsage();
    const out = new Exposition("prometheus", 1.5 * bytes);
    metrics.write(out);
    bytes = out.end().length;
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / US_PER_MS);
  }
  const { min, median } = fastest(times);
  const figure = `${min.toFixed(1)} ms (${median.toFixed(1)}), ${(bytes / 1e6).toFixed(1)} MB`;
  print(`scrape of ${series} label sets`, figure);
}

function print(label: string, figure: string): void {
  process.stdout.write(`${label.padEnd(40)} ${figure}\n`);
}

for (const direction of ["inbound", "outbound"] as const) {
  for (const shape of [TINY, REAL]) {
    const accessLog = new AccessLog(jsonFormat, () => {});
    await reportCost(direction, shape, [new HttpMetrics(OPTIONS)], "metrics");
    await reportCost(direction, shape, [new HttpMetrics(OPTIONS), accessLog], "metrics and access log");
  }
}
for (const series of [20, 260, 1000, 5000]) reportScrape(series);
