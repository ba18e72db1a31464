/** NETRA_WORKERS: several event loops that behave as one sidecar. */
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import type { AgentSpan } from "./agent.ts";
import { ask } from "./asking.ts";
import { ConfigMap } from "./config-map.ts";
import {
  type Env,
  eventually,
  init,
  METRICS_PORT,
  OPAQUE_PORT,
  openLab,
  PPROF_PORT,
  Sidecar,
  startSidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { Stage } from "./stage.ts";
import { fateOf, type Link } from "./wire.ts";

setDefaultTimeout(2 * TEST_TIMEOUT_MS);

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** How many requests were counted of the only kind that a test makes. */
const COUNT =
  'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/cart",url_scheme="http",network_protocol_version="1.1",http_response_status_code="200"}';

let stage: Stage;
let stages = 0;
afterEach(() => stage.close());

/** A sidecar with two event loops, both of which listen. */
async function open(env: Env = {}): Promise<void> {
  const two = { NETRA_WORKERS: "2", NETRA_DRAIN_GRACE_MILLISECONDS: "0" };
  stage = await Stage.open(`workers${++stages}`, { ...two, ...env });
  await listening(2);
}

const metrics = async () => (await ask(stage.outside, stage.pod.ip4, METRICS_PORT, "GET /metrics")).body;
const debug = (line: string, body = "") => ask(stage.pod, "127.0.0.1", PPROF_PORT, line, body);

/** The value of a series; `name` with its labels. */
async function metric(name: string): Promise<number> {
  const line = (await metrics()).split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

async function becomes(name: string, expected: number): Promise<void> {
  let value = Number.NaN;
  for (let i = 0; i < 100 && value !== expected; i++) {
    value = await metric(name);
    if (value !== expected) await Bun.sleep(50);
  }
  expect(`${name} ${value}`).toBe(`${name} ${expected}`);
}

const listening = (workers: number) => becomes("netramesh_workers", workers);

/** How many connections each event loop has accepted, once they are `total`. */
async function shares(total: number): Promise<[number, number]> {
  for (let i = 0; ; i++) {
    const text = await metrics();
    const [first, second] = [1, 2].map((worker) =>
      Number(
        new RegExp(`^netramesh_worker_connections_total{worker="${worker}"} (.*)$`, "m").exec(text)?.[1],
      ),
    ) as [number, number];
    if (first + second === total) return [first, second];
    if (i === 100) throw new Error(`${first} + ${second} connections instead of ${total}`);
    await Bun.sleep(50);
  }
}

async function connections(count: number): Promise<Link[]> {
  const links: Link[] = [];
  while (links.length < count) links.push(await stage.connect("inbound", OPAQUE_PORT));
  return links;
}

/** An inbound request and, before it is answered, an outbound one with the same id, each on a connection of its own. */
async function pass(requestId: string): Promise<void> {
  const request = `GET /${requestId} HTTP/1.1\r\nHost: shop\r\nX-Request-Id: ${requestId}\r\n\r\n`;
  const inbound = await stage.connect("inbound");
  inbound.client.send(request);
  await inbound.server.until(({ text }) => text.endsWith("\r\n\r\n"));
  const outbound = await stage.connect("outbound");
  outbound.client.send(request);
  await outbound.server.until(({ text }) => text.endsWith("\r\n\r\n"));
  outbound.server.send(OK);
  inbound.server.send(OK);
  for (const { client } of [outbound, inbound]) await client.until(({ text }) => text === OK);
  for (const { client } of [outbound, inbound]) client.rst();
}

const kindOf = ({ tags }: AgentSpan) => `${tags["span.kind"]}`;

test("an outbound request finds the inbound one that caused it, whichever event loops they are on", async () => {
  await open({ NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS: "60000" });
  const ids = Array.from({ length: 40 }, (_, i) => `r${i}`);
  for (const id of ids) await pass(id);
  const spans = await stage.agent.spans(80, ...ids);
  expect(spans).toHaveLength(80);
  for (const id of ids) {
    const [server, client] = spans
      .filter(({ tags }) => tags["http.request_id"] === id)
      .toSorted((a, b) => kindOf(b).localeCompare(kindOf(a)));
    expect([kindOf(server!), kindOf(client!)]).toEqual(["server", "client"]);
    expect(client!.parentSpanId).toBe(server!.spanId);
    expect(client!.traceId).toBe(server!.traceId);
  }
  expect(Math.min(...(await shares(80)))).toBeGreaterThan(0);
  await becomes('netramesh_tcp_connections_opened_total{direction="inbound",protocol="http"}', 40);
  await becomes('netramesh_trace_parent_total{direction="outbound",source="request_id"}', 40);
  await becomes('netramesh_spans_exported_total{exporter="jaeger-udp"}', 80);
  await becomes("netramesh_context_entries", 40);
});

test("routes of an inbound request hold for its outbound ones on both event loops", async () => {
  await open({ NETRA_HTTP_ROUTING_ENABLED: "true" });
  const route = `shop=${stage.outside.ip4}:${OPAQUE_PORT}`;
  for (let i = 0; i < 20; i++) {
    const inbound = await stage.connect("inbound");
    inbound.client.send(`GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: r${i}\r\nX-Route: ${route}\r\n\r\n`);
    await inbound.server.until(({ text }) => text.endsWith("\r\n\r\n"));
    const { client } = await stage.connect("outbound");
    const routed = await stage.next("outbound", OPAQUE_PORT, () =>
      client.send(`GET / HTTP/1.1\r\nHost: shop\r\nX-Request-Id: r${i}\r\n\r\n`),
    );
    await routed.until(({ text }) => text.endsWith("\r\n\r\n"));
    expect(routed.text).toContain(`X-Route: ${route}\r\n`);
  }
  await becomes('netramesh_routing_total{result="matched"}', 20);
  expect(Math.min(...(await shares(40)))).toBeGreaterThan(0);
});

test("a worker that is restarted takes its own connections along, nobody else's, and what it counted stays", async () => {
  await open();
  const links = await connections(30);
  const [first, second] = await shares(30);
  expect(await debug("POST /workers/restart?worker=2")).toMatchObject({ status: 200 });
  // Both ends are waited for: which of them sees its reset first is up to the event loop.
  const ended = (end: keyof Link) => links.filter((each) => each[end].ending === "rst").length;
  await eventually(
    () => ended("client") === second && ended("server") === second,
    () =>
      `of ${second} connections ${ended("client")} are reset at the client, ${ended("server")} at the server`,
  );
  for (const { client, server } of links.filter(({ client }) => client.ending === "open")) {
    client.send("still here");
    await server.until(({ text }) => text === "still here");
  }
  await becomes('netramesh_tcp_open_connections{direction="inbound",protocol="tcp"}', first);
  await listening(2);
  await becomes('netramesh_worker_restarts_total{worker="2"}', 1);
  await becomes('netramesh_tcp_connections_opened_total{direction="inbound",protocol="tcp"}', 30);
  links.push(...(await connections(30)));
  expect((await shares(60))[1]).toBeGreaterThan(second);
  await becomes('netramesh_tcp_connections_opened_total{direction="inbound",protocol="tcp"}', 60);
  for (const { client } of links) client.rst();
});

test("what one event loop has given up as idle stays in the sum as long as another one counts it", async () => {
  await open({ NETRA_METRICS_IDLE_MILLISECONDS: "1000" });
  const links: Link[] = [];
  while (links.length < 20) links.push(await stage.connect("inbound"));
  expect(Math.min(...(await shares(20)))).toBeGreaterThan(0);
  const request = async ({ client, server }: Link) => {
    const before = client.text.length;
    client.send("GET /cart HTTP/1.1\r\nHost: shop\r\n\r\n");
    await server.until(({ text }) => text.endsWith("\r\n\r\n"));
    server.send(OK);
    await client.until(({ text }) => text.length > before);
  };
  for (const each of links) await request(each);
  await becomes(COUNT, 20);
  // One connection is on one event loop: on the other one nothing is counted any more.
  let count = 20;
  const end = performance.now() + 2000;
  while (performance.now() < end) {
    await request(links[0]!);
    const before = count;
    count = await metric(COUNT);
    expect(count).toBeGreaterThanOrEqual(before);
    await Bun.sleep(100);
  }
  for (const { client } of links) client.rst();
});

test("listings, limits, log level, configuration and access log are those of one sidecar", async () => {
  const config = new ConfigMap("NETRA_ACCESS_LOG: off\n");
  await open({ NETRA_CONFIG_FILE: config.path, NETRA_MAX_CONNECTIONS: "40" });
  config.update("NETRA_ACCESS_LOG: common\n");
  await stage.sidecar.logged(/NETRA_ACCESS_LOG is now common/);
  config.remove();
  expect(stage.sidecar.log).toContain("at most 20 connections on each of 2 event loops");
  const ids = Array.from({ length: 20 }, (_, i) => `r${i}`);
  for (const id of ids) await pass(id);
  await eventually(
    () => stage.sidecar.out.split("\n").length === 41,
    () => `not 40 lines:\n${stage.sidecar.out}`,
  );
  expect(stage.sidecar.out).toMatch(/^(\S+ - - \[[^\]]*\] "GET \/r\d+ HTTP\/1\.1" 200 \S+\n){40}$/);
  const links = await connections(20);
  const listing = (await debug("GET /debug/pprof/connections")).body;
  expect(listing.match(/ inbound /g)).toHaveLength(20);
  expect(listing).toMatch(/^worker 2: [1-9]\d* open connections$/m);
  expect((await debug("GET /drain")).body).toBe("draining: no\nopen connections: 20\n");
  await debug("PUT /log-level", "debug");
  for (let i = 0; i < 10; i++) await fateOf(stage.pod, stage.outside.ip4, 9, "x");
  await eventually(
    () => stage.sidecar.log.match(/DEBUG cannot connect to/g)?.length === 10,
    () => stage.sidecar.log,
  );
  for (const { client } of links) client.rst();
});

test("draining waits for the connections of all event loops", async () => {
  await open();
  const links = await connections(20);
  stage.sidecar.signal("SIGTERM");
  await stage.sidecar.logged(/draining/);
  const first = links.shift()!;
  for (const { client } of links) client.rst();
  first.client.send("the last one");
  await first.server.until(({ text }) => text === "the last one");
  expect(stage.sidecar.hasExited).toBe(false);
  first.client.rst();
  expect(await stage.sidecar.exited).toBe(0);
  const summaries = [...stage.sidecar.log.matchAll(/connections: (\d+) accepted/g)].map(([, n]) => Number(n));
  expect(summaries).toHaveLength(2);
  // The test of the rules made two more.
  expect(summaries[0]! + summaries[1]!).toBeGreaterThanOrEqual(20);
});

test("a port that another process has is not shared with it", async () => {
  await open();
  const second = new Sidecar(stage.pod, { env: { NETRA_WORKERS: "2" } });
  expect(await second.exited).toBe(1);
  expect(second.log).toContain("cannot listen on port 14956: another process listens there");
});

test("without rules one event loop works alone, and the others begin once rules exempt the sidecar", async () => {
  const lab = openLab("workers-late");
  try {
    const pod = lab.pod("pod");
    const env = { NETRA_WORKERS: "2", NETRA_DRAIN_GRACE_MILLISECONDS: "0" };
    const sidecar = await startSidecar(pod, { env });
    await sidecar.logged(/WARN {2}1 event loop instead of 2 works until redirect rules are in force/);
    expect(await ask(pod, "127.0.0.1", METRICS_PORT, "GET /ready")).toMatchObject({ status: 200 });
    await init(pod);
    await sidecar.logged(/INFO {2}the rules exempt this process: 2 event loops work from now on/);
    sidecar.signal("SIGTERM");
    await sidecar.logged(/worker 2: connections: /);
  } finally {
    lab.close();
  }
});
