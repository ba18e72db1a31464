/**
 * What the context policy costs per request: reading the head's contexts, deciding, and writing the edited head.
 * Nanoseconds of CPU: the best and the middle of many short rounds. Run it with `bun bench/trace/policy.ts`.
 */
import { HeadEdit } from "../../src/http1/edit.ts";
import { Head } from "../../src/http1/head.ts";
import { HeadScanner, Scan } from "../../src/http1/scan.ts";
import { Exchange } from "../../src/mesh/exchange.ts";
import { ContextPolicy } from "../../src/mesh/policy/context.ts";
import type { Direction } from "../../src/proxy/handler.ts";
import { RandomIds } from "../../src/trace/ids.ts";
import { ConstSampler } from "../../src/trace/sampler/const.ts";
import { ContextStore } from "../../src/trace/store.ts";
import { fastest } from "../statistics.ts";

const REQUESTS_PER_ROUND = 20_000;
const ROUNDS = 60;
const WARM_UP_ROUNDS = 10;
const NS_PER_US = 1000;

const FIELDS =
  "Host: shop.example:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) curl/8.0\r\nAccept: */*\r\n" +
  "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\nCookie: session=0123456789abcdef\r\n" +
  "Cache-Control: no-cache\r\nConnection: keep-alive\r\nX-Forwarded-For: 198.18.0.7\r\n" +
  "X-Request-Id: 0525d8f6-4857-4d40-b162-7421bed9c425\r\n";
const JAEGER = "uber-trace-id: 0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0000000000000000:1\r\n";
const W3C = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

const out = Buffer.alloc(4096);
const edit = new HeadEdit();

/** A request head that stays valid for the rest of the program. */
function parse(fields: string): Head {
  const buf = new Uint8Array(
    Buffer.from(`GET /api/orders/12345 HTTP/1.1\r\n${FIELDS}${fields}\r\n`, "latin1"),
  );
  const head = new Head();
  const scanner = new HeadScanner(head);
  head.begin(buf, 0);
  scanner.beginRequest();
  if (scanner.scan(buf, 0, buf.length) !== Scan.Complete) throw new Error("no head");
  return head;
}

function report(label: string, direction: Direction, fields: string, sampled: boolean): void {
  const policy = new ContextPolicy({
    store: new ContextStore({ expirationMs: 5000, sweepIntervalMs: 1000, maxEntries: 100_000 }),
    sampler: new ConstSampler(sampled),
    ids: new RandomIds(),
    wide: true,
  });
  const head = parse(fields);
  const peer = { ip: "198.18.0.1", port: 8080 };
  const exchange = new Exchange({ id: 1, direction, client: peer, originalDst: peer });
  const nsPerRequest: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < REQUESTS_PER_ROUND; i++) {
      exchange.begin();
      exchange.requestId = "0525d8f6-4857-4d40-b162-7421bed9c425";
      edit.begin(head);
      policy.apply(exchange, head, edit);
      edit.render(out, 0);
      policy.ended(exchange);
    }
    const { user, system } = process.cpuUsage(before);
    if (round >= WARM_UP_ROUNDS) nsPerRequest.push(((user + system) * NS_PER_US) / REQUESTS_PER_ROUND);
  }
  const { min, median } = fastest(nsPerRequest);
  process.stdout.write(`${label.padEnd(34)} min ${min.toFixed(0)} ns, median ${median.toFixed(0)} ns\n`);
}

report("inbound, no context, sampled", "inbound", "", true);
report("inbound, no context, unsampled", "inbound", "", false);
report("inbound, uber-trace-id", "inbound", JAEGER, true);
report("inbound, both contexts", "inbound", JAEGER + W3C, true);
report("outbound, no context", "outbound", "", true);
report("outbound, both contexts", "outbound", JAEGER + W3C, true);
process.exit(0);
