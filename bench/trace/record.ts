/**
 * What a sampled exchange costs in tracing: `span` is a record with 11 tags, its encoding and its share of the datagram;
 * `exchange` adds ids, the header value and two looks at the clock. Nanoseconds of CPU of the whole process, compiler
 * and collector included. Prints one JSON line. `bench/trace/run` compiles it the way the product is compiled.
 */
import { heapStats } from "bun:jsc";
import { Clock } from "../../src/trace/clock.ts";
import { childOf, newRoot, SAMPLED, SpanContext } from "../../src/trace/context.ts";
import { RandomIds } from "../../src/trace/ids.ts";
import { JAEGER_MAX_BYTES, writeJaeger } from "../../src/trace/jaeger.ts";
import { Reporter } from "../../src/trace/reporter.ts";
import { UdpSender } from "../../src/trace/sender/udp.ts";
import type { Span } from "../../src/trace/span.ts";
import { SpanPool } from "../../src/trace/span-pool.ts";
import { constantText, tagKey } from "../../src/trace/tag.ts";
import { CompactBatch } from "../../src/trace/thrift/compact.ts";
import { fastest } from "../statistics.ts";

const SPANS_PER_ROUND = 20_000;
const ROUNDS = 60;
const WARM_UP = 500_000;

const KIND = constantText(tagKey("span.kind"), "server");
const METHOD = constantText(tagKey("http.method"), "GET");
const REMOTE = tagKey("remote_addr");
const HOST = tagKey("http.host");
const PATH = tagKey("http.path");
const REQUEST_SIZE = tagKey("http.request_size");
const AGENT = tagKey("http.user_agent");
const REQUEST_ID = tagKey("http.request_id");
const SESSION = tagKey("http.session");
const RESPONSE_SIZE = tagKey("http.response_size");
const STATUS = tagKey("http.status_code");

const head = new Uint8Array(
  Buffer.from(
    "GET /api/orders/12345?expand=items HTTP/1.1\r\nHost: shop.example:8080\r\n" +
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) curl/8.0\r\nX-Request-Id: 0525d8f6-4857-4d40-b162-7421bed9c425\r\n" +
      "X-Session: S-42-abcdef\r\n\r\n",
  ),
);
const text = Buffer.from(head).toString("latin1");
const range = (value: string): [number, number] => [text.indexOf(value), text.indexOf(value) + value.length];
const operation = range("/api/orders/12345");
const path = range("/api/orders/12345?expand=items");
const host = range("shop.example:8080");
const agent = range("Mozilla/5.0 (X11; Linux x86_64) curl/8.0");
const requestId = range("0525d8f6-4857-4d40-b162-7421bed9c425");
const session = range("S-42-abcdef");

const log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
const receiver = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data() {} } });
const sender = new UdpSender({
  agent: { host: "127.0.0.1", port: receiver.port, reconnect: true, reconnectIntervalMs: 30_000 },
  resolve: async () => [],
  log,
});
sender.start();
await sender.ready(1000);

const pool = new SpanPool();
const batch = new CompactBatch({ serviceName: "bench", tags: [{ key: "hostname", value: "bench-0" }] });
const reporter = new Reporter({ pool, batch, sender, log, flushIntervalMs: 1000, logSpans: false });
const ids = new RandomIds();
const clock = new Clock();
const startedAtUs = clock.nowUs();
const root = newRoot(new SpanContext(), ids, false, SAMPLED);
const context = new SpanContext();
const header = new Uint8Array(JAEGER_MAX_BYTES);

function span(i: number, startAtUs: number): Span {
  const span = pool.take(context, root, startAtUs);
  span.operationBytes(head, operation[0], operation[1]);
  span.tagBytes(SESSION, head, session[0], session[1]);
  span.tag(KIND);
  span.tagLatin1(REMOTE, "198.18.1.2:54710");
  span.tagBytes(HOST, head, host[0], host[1]);
  span.tagBytes(PATH, head, path[0], path[1]);
  span.tagLong(REQUEST_SIZE, 0);
  span.tag(METHOD);
  span.tagBytes(AGENT, head, agent[0], agent[1]);
  span.tagBytes(REQUEST_ID, head, requestId[0], requestId[1]);
  span.tagLong(RESPONSE_SIZE, i);
  span.tagLong(STATUS, 200);
  return span;
}

function reportSpan(i: number): void {
  const recorded = span(i, startedAtUs);
  recorded.finish(startedAtUs + i);
  reporter.report(recorded);
}

function reportExchange(i: number): void {
  childOf(context, root, ids);
  writeJaeger(context, header, 0);
  const recorded = span(i, clock.nowUs());
  recorded.finish(clock.nowUs());
  reporter.report(recorded);
}

/** Nanoseconds of CPU per call: the best and the middle of many short rounds. */
async function measure(run: (i: number) => void): Promise<{ min: number; median: number }> {
  const nsPerSpan: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < SPANS_PER_ROUND; i++) run(i);
    const { user, system } = process.cpuUsage(before);
    nsPerSpan.push(((user + system) * 1000) / SPANS_PER_ROUND);
    await Bun.sleep(1);
  }
  const { min, median } = fastest(nsPerSpan);
  return { min: Math.round(min), median: Math.round(median) };
}

function heapBytes(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

for (let i = 0; i < WARM_UP; i++) reportExchange(i);
const before = heapBytes();
const perSpan = await measure(reportSpan);
const perExchange = await measure(reportExchange);
const after = heapBytes();
await reporter.close(100);
receiver.close();
process.stdout.write(
  `${JSON.stringify({
    nsPerSpan: perSpan,
    nsPerExchange: perExchange,
    spans: 2 * ROUNDS * SPANS_PER_ROUND,
    heapBytes: { before, after },
    counters: reporter.counters,
  })}\n`,
);
