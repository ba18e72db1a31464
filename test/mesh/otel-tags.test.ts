import { describe, expect, test } from "bun:test";
import type { Direction } from "../../src/proxy/handler.ts";
import type { TraceConfig } from "../../src/trace/trace-env.ts";
import { connInfo } from "./conversation.ts";
import { TracedMesh } from "./recorded-spans.ts";

type Semconv = TraceConfig["semconv"];

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

type Tags = [key: string, value: unknown][];

/** The tags of an exchange, those of the sampler aside. An empty response breaks the connection. */
function tagsOf(semconv: Semconv, direction: Direction, request: string, response = OK): Tags {
  const mesh = new TracedMesh({ semconv });
  const { handler } = mesh.connect(connInfo(direction));
  handler.clientData(Buffer.from(request.replaceAll("\n", "\r\n"), "latin1"));
  if (response) handler.upstreamData(Buffer.from(response, "latin1"));
  handler.closed("upstream-reset");
  mesh.flush();
  return mesh.spans[0]!.tags.filter(([key]) => !key.startsWith("sampler."));
}

const POST =
  "POST /a/b?c=d HTTP/1.1\nHost: shop:8080\nUser-Agent: ua\nX-Request-Id: r\nContent-Length: 3\n\nabc";

describe("OpenTelemetry's names", () => {
  test("of a server span", () => {
    expect(tagsOf("otel", "inbound", POST)).toEqual([
      ["span.kind", "server"],
      ["http.request.method", "POST"],
      ["url.scheme", "http"],
      ["url.path", "/a/b"],
      ["url.query", "c=d"],
      ["server.address", "shop"],
      ["server.port", 8080n],
      ["client.address", "198.18.0.2"],
      ["network.peer.address", "198.18.0.2"],
      ["network.peer.port", 40000n],
      ["network.protocol.version", "1.1"],
      ["http.request.body.size", 3n],
      ["user_agent.original", "ua"],
      ["http.request.header.x-request-id", "r"],
      ["netramesh.parent", "none"],
      ["http.response.status_code", 200n],
      ["http.response.body.size", 5n],
    ]);
  });

  test("of a client span", () => {
    expect(tagsOf("otel", "outbound", POST)).toEqual([
      ["span.kind", "client"],
      ["http.request.method", "POST"],
      ["url.full", "http://shop:8080/a/b?c=d"],
      ["server.address", "shop"],
      ["server.port", 8080n],
      ["network.peer.address", "198.18.0.1"],
      ["network.peer.port", 8080n],
      ["network.protocol.version", "1.1"],
      ["http.request.body.size", 3n],
      ["user_agent.original", "ua"],
      ["http.request.header.x-request-id", "r"],
      ["netramesh.parent", "none"],
      ["http.response.status_code", 200n],
      ["http.response.body.size", 5n],
    ]);
  });

  // biome-ignore format: one row a line
  test.each<[label: string, direction: Direction, request: string, expected: Record<string, unknown>]>([
    ["an unknown method is named beside", "inbound", "BREW / HTTP/1.1\nHost: h\n\n", { "http.request.method": "_OTHER", "http.request.method_original": "BREW" }],
    ["HTTP/1.0 without Host: the address", "inbound", "GET / HTTP/1.0\n\n", { "network.protocol.version": "1.0", "server.address": "198.18.0.1", "server.port": 8080n }],
    ["a host without port: that of the connection", "inbound", "GET / HTTP/1.1\nHost: h\n\n", { "server.address": "h", "server.port": 8080n }],
    ["an IPv6 host", "inbound", "GET / HTTP/1.1\nHost: [::1]:81\n\n", { "server.address": "[::1]", "server.port": 81n }],
    ["an IPv6 host without port", "inbound", "GET / HTTP/1.1\nHost: [::1]\n\n", { "server.address": "[::1]", "server.port": 8080n }],
    ["a port that is none", "inbound", "GET / HTTP/1.1\nHost: h:x\n\n", { "server.address": "h", "server.port": 8080n }],
    ["a port that is too large", "inbound", "GET / HTTP/1.1\nHost: h:99999999999999999999\n\n", { "server.address": "h", "server.port": 8080n }],
    ["an absolute target", "outbound", "GET http://h/p?q HTTP/1.1\nHost: h\n\n", { "url.full": "http://h/p?q" }],
    ["a URL is cut where every tag is", "outbound", `GET /${"x".repeat(600)} HTTP/1.1\nHost: h\n\n`, { "url.full": `http://h/${"x".repeat(247)}` }],
  ])("%s", (_label, direction, request, expected) => {
    expect(Object.fromEntries(tagsOf("otel", direction, request))).toMatchObject(expected);
  });

  test("what is unknown is left out", () => {
    const chunked = "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n";
    const keys = tagsOf("otel", "inbound", chunked, "HTTP/1.1 200 OK\r\n\r\nuntil the end").map(
      ([key]) => key,
    );
    expect(keys).not.toContain("http.request.body.size");
    expect(keys).not.toContain("http.response.body.size");
    expect(keys).not.toContain("url.query");
    expect(keys).not.toContain("user_agent.original");
  });

  test("CONNECT has no URL", () => {
    const keys = tagsOf("otel", "outbound", "CONNECT db:5432 HTTP/1.1\nHost: db:5432\n\n").map(
      ([key]) => key,
    );
    expect(keys.filter((key) => key.startsWith("url."))).toEqual([]);
  });
});

describe("an error", () => {
  const status = (code: number) => `HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`;
  // biome-ignore format: one row a line
  test.each<[semconv: Semconv, direction: Direction, response: string, error: unknown, type: unknown]>([
    ["jaeger", "outbound", status(404), undefined, undefined],
    ["jaeger", "outbound", status(500), true, undefined],
    ["otel", "inbound", status(404), undefined, undefined],
    ["otel", "inbound", status(503), true, "503"],
    ["otel", "outbound", status(404), true, "404"],
    ["otel", "inbound", "", true, "aborted"],
    ["both", "outbound", status(404), undefined, "404"],
    ["both", "inbound", status(500), true, "500"],
  ])("%s, %s, %j", (semconv, direction, response, error, type) => {
    const tags = Object.fromEntries(tagsOf(semconv, direction, POST, response));
    expect([tags.error, tags["error.type"]]).toEqual([error, type]);
  });
});

test("both are 0.10's tags and OpenTelemetry's, and nothing twice", () => {
  const keys = tagsOf("both", "inbound", POST).map(([key]) => key);
  expect(keys).toHaveLength(new Set(keys).size);
  const each = (["jaeger", "otel"] as const).flatMap((semconv) =>
    tagsOf(semconv, "inbound", POST).map(([key]) => key),
  );
  expect(keys.toSorted()).toEqual([...new Set(each)].toSorted());
});
