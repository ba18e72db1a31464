/** One span for each exchange: its name, its tags in their order, and how it ends when the exchange does not. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AgentSpan } from "./agent.ts";
import { expectReceived, INSERTED, requestIds } from "./expected.ts";
import { HTTP_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { Stage } from "./stage.ts";
import { dial, fateOf, type Link } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("spans", {
    NETRA_HTTP_TRACING_IGNORED_PATHS: "/health,/ready",
    HTTP_HEADER_TAG_MAP: "X-User:user.id,X-Missing:missing",
    HTTP_COOKIE_TAG_MAP: "session:session.id,none:none",
    NETRA_CONNECT_TIMEOUT_MILLISECONDS: "300",
    NETRA_HTTP_PORTS: `${HTTP_PORT},${REFUSING_PORT}`,
  });
});
afterAll(() => stage.close());

/** On the pods' network, but nobody's. */
const NOBODY = "198.18.9.9";
const REFUSING_PORT = 8081;
const EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const END = "Connection: close\r\n\r\n";

/** One request and its response on a connection of its own; the request id that the server saw. */
async function exchange(direction: "inbound" | "outbound", request: string, response: string) {
  const ends = await stage.connect(direction);
  const { localAddress, localPort } = ends.client.socket;
  ends.client.send(request).fin();
  await ends.server.over();
  ends.server.send(response).fin();
  await ends.client.over();
  return { ...ends, id: requestIds(ends.server)[0]!, clientAddress: `${localAddress}:${localPort}` };
}

async function onlySpan(id: string): Promise<AgentSpan> {
  const [span, ...others] = await stage.agent.spans(1, id);
  expect(others).toEqual([]);
  return span!;
}

test("an inbound span is named after the path and carries what is known of the exchange", async () => {
  const request = "POST /caf%C3%A9?q=1 HTTP/1.1\r\nHost: a.example:80\r\nUser-Agent: me/1\r\n";
  const body = `Content-Length: 3\r\n${END}abc`;
  const response = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
  const { id, clientAddress } = await exchange("inbound", request + body, response);
  const span = await onlySpan(id);
  expect([span.service, span.operationName, span.flags]).toEqual(["service", "/café", 1]);
  expect(span.references).toEqual([]);
  expect(Object.entries(span.tags)).toEqual([
    ["sampler.type", "const"],
    ["sampler.param", true],
    ["span.kind", "server"],
    ["remote_addr", clientAddress],
    ["http.host", "a.example:80"],
    ["http.path", "/caf%C3%A9?q=1"],
    ["http.request_size", 3n],
    ["http.method", "POST"],
    ["http.user_agent", "me/1"],
    ["http.request_id", id],
    ["netramesh.parent", "none"],
    ["http.response_size", 2n],
    ["http.status_code", 404n],
  ]);
});

test("an outbound span is named after host and path and says where the request went", async () => {
  const request = "PUT /b HTTP/1.1\r\nHost: b.example\r\nTransfer-Encoding: chunked\r\n";
  const response = "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const { id } = await exchange("outbound", `${request}${END}0\r\n\r\n`, response);
  const span = await onlySpan(id);
  expect(span.operationName).toBe("b.example/b");
  expect(Object.entries(span.tags).slice(2)).toEqual([
    ["span.kind", "client"],
    ["remote_addr", `${stage.outside.ip4}:${HTTP_PORT}`],
    ["http.host", "b.example"],
    ["http.path", "/b"],
    ["http.request_size", -1n],
    ["http.method", "PUT"],
    ["http.request_id", id],
    ["netramesh.parent", "none"],
    ["http.response_size", -1n],
    ["http.status_code", 503n],
    ["error", true],
  ]);
});

test("mapped headers and cookies become tags, also with an incoming context", async () => {
  const context = "uber-trace-id: abc:def:0:1\r\n";
  const mapped = "x-user: 42\r\nCookie: a=b; session=s1; c=d\r\n";
  const { id } = await exchange("inbound", `GET / HTTP/1.1\r\n${context}${mapped}${END}`, EMPTY);
  const { tags, traceId, parentSpanId, references } = await onlySpan(id);
  expect(tags).toMatchObject({ "user.id": "42", "session.id": "s1" });
  expect(tags).not.toContainAnyKeys(["missing", "none", "sampler.type"]);
  expect([traceId, parentSpanId]).toEqual(["abc".padStart(32, "0"), "def".padStart(16, "0")]);
  expect(references).toEqual([{ type: 0, traceId, spanId: parentSpanId }]);
});

test("an ignored path gets a request id but no span and no context, the next request both", async () => {
  const { client, server } = await stage.connect("inbound");
  client.send("GET /health?x HTTP/1.1\r\n\r\nGET /healthy HTTP/1.1\r\n\r\n").fin();
  const traced = `GET /healthy HTTP/1.1\r\n${INSERTED.inbound}\r\n`;
  await expectReceived(server, `GET /health?x HTTP/1.1\r\nX-Request-Id: {ID}\r\n\r\n${traced}`);
  server.send(EMPTY + EMPTY).fin();
  await client.over();
  const spans = await stage.agent.spans(1, ...requestIds(server));
  expect(spans.map(({ operationName }) => operationName)).toEqual(["/healthy"]);
});

test("a context that is not sampled is passed on, and no span is sent", async () => {
  const { id, server } = await exchange(
    "inbound",
    `GET / HTTP/1.1\r\nuber-trace-id: abc:def:0:0\r\n${END}`,
    EMPTY,
  );
  expect(server.text).toMatch(/uber-trace-id: 0{13}abc:[0-9a-f]{16}:0{13}def:0\r\n/);
  expect(await stage.agent.spans(0, id)).toEqual([]);
});

test("a debug id begins a trace that says so", async () => {
  const { id } = await exchange("inbound", `GET / HTTP/1.1\r\njaeger-debug-id: why\r\n${END}`, EMPTY);
  const span = await onlySpan(id);
  expect(span.flags).toBe(3);
  expect(Object.entries(span.tags)[0]).toEqual(["jaeger-debug-id", "why"]);
});

test("interim responses do not end a span: its status is the final one", async () => {
  const { id } = await exchange("inbound", `GET / HTTP/1.1\r\n${END}`, `HTTP/1.1 103 Hints\r\n\r\n${EMPTY}`);
  expect((await onlySpan(id)).tags["http.status_code"]).toBe(200n);
});

describe("an exchange that does not come to its end has a span with an error", () => {
  async function begin(): Promise<Link & { id: string }> {
    const ends = await stage.connect("inbound");
    ends.client.send("GET /cut HTTP/1.1\r\n\r\n");
    await ends.server.until(({ text }) => text.endsWith("\r\n\r\n"));
    return { ...ends, id: requestIds(ends.server)[0]! };
  }

  test("when the server resets", async () => {
    const { server, id } = await begin();
    server.rst();
    const { tags } = await onlySpan(id);
    expect(tags.error).toBe(true);
    expect(tags).not.toContainAnyKeys(["timeout", "http.status_code"]);
  });

  test("when the server ends without a response", async () => {
    const { client, server, id } = await begin();
    server.fin();
    await client.over();
    client.fin();
    const { tags } = await onlySpan(id);
    expect(tags.error).toBe(true);
    expect(tags).not.toContainAnyKeys(["timeout", "http.status_code"]);
  });

  test("when the server resets within the response, whose status is known", async () => {
    const { client, server, id } = await begin();
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
    await client.until(({ text }) => text.endsWith("part"));
    server.rst();
    expect((await onlySpan(id)).tags).toMatchObject({ error: true, "http.status_code": 200n });
  });

  test("when the client leaves first: that is a timeout", async () => {
    const { client, id } = await begin();
    client.rst();
    expect((await onlySpan(id)).tags).toMatchObject({ error: true, timeout: true });
  });

  test("when the upstream cannot be reached", async () => {
    const client = await dial(stage.pod, NOBODY, HTTP_PORT);
    client.send("GET /unreachable HTTP/1.1\r\nX-Request-Id: unreachable\r\n\r\n");
    await client.until(({ ending }) => ending === "rst");
    const { tags } = await onlySpan("unreachable");
    expect(tags.error).toBe(true);
    expect(tags).not.toContainAnyKeys(["timeout", "http.status_code"]);
  });

  test("when the upstream refuses, however soon", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `refused-${i}`);
    for (const id of ids) {
      const request = `GET /refused HTTP/1.1\r\nX-Request-Id: ${id}\r\n\r\n`;
      expect(await fateOf(stage.pod, stage.outside.ip4, REFUSING_PORT, request)).toBe("rst");
    }
    const spans = await stage.agent.spans(0, ...ids);
    expect(spans.map(({ tags }) => tags["http.request_id"])).toEqual(ids);
    expect(spans.every(({ tags }) => tags.error === true)).toBe(true);
  });
});
