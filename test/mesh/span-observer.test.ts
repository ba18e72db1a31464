import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Direction } from "../../src/proxy/handler.ts";
import { connInfo } from "./conversation.ts";
import { TracedMesh } from "./recorded-spans.ts";

const GOLDEN = `${import.meta.dir}/../golden`;

interface GoldenRequest {
  readonly name: string;
  readonly client: string;
  readonly request_bytes: string[];
  readonly response: string;
  readonly packets: string[];
}
interface GoldenSpan {
  readonly operationName: string;
  readonly tags: { key: string; type: string; value: string | number | boolean }[];
  readonly references: { traceId: string; spanId: string }[];
  readonly flags: number;
}

function load(set: string): [GoldenRequest, GoldenSpan[]][] {
  const requests: GoldenRequest[] = JSON.parse(readFileSync(`${GOLDEN}/${set}/requests.json`, "utf8"));
  const decoded = JSON.parse(readFileSync(`${GOLDEN}/${set}/decoded.json`, "utf8"));
  return requests.map((request) => [request, request.packets.flatMap((name) => decoded[name].spans)]);
}

type Tags = [key: string, value: unknown][];

/** Where 0.10 was wrong on purpose or by accident, and what is right. */
const CORRECTED: Record<string, (tags: Tags) => Tags> = {
  // 0.10 sent the text "true", and no mapped tags with a context or a debug id.
  "get-500": (tags) => tags.map(([key, value]) => [key, key === "error" ? true : value]),
  // 0.10 took the interim response for the final one.
  "expect-100": (tags) =>
    tags.map(([key, value]) => {
      if (key === "http.status_code") return [key, 200n];
      return [key, key === "http.response_size" ? 17n : value];
    }),
};

/** Rows in which 0.10 lost, merged or invented spans: tested as behaviour elsewhere. */
const NOT_COMPARABLE = new Set([
  ...["chain", "chain-ctx", "pipelined", "drop", "ctx-unsampled", "ignored-path", "ignored-pipelined"],
  ...["head-keepalive", "dup-ctx-header"],
]);

/** The one tag that 0.10 did not have: how the parent was found. It stands behind those of the request. */
const ADDED = "netramesh.parent";

const MAPPED = new Set(["http.session", "http.x-mobile-info", "http.cookies.sess"]);

function goldenTags(name: string, span: GoldenSpan): Tags {
  const tags = span.tags.map(({ key, type, value }): [string, unknown] => [
    key,
    type === "LONG" ? BigInt(value as number) : value,
  ]);
  return (CORRECTED[name] ?? ((same) => same))(tags);
}

function isGenerated(request: GoldenRequest): boolean {
  return !/x-request-id:/i.test(request.request_bytes.join(""));
}

describe("golden requests give 0.10's spans", () => {
  for (const [request, golden] of [...load("v215"), ...load("v215b")]) {
    if (NOT_COMPARABLE.has(request.name)) continue;
    test(request.name, () => {
      const mesh = new TracedMesh();
      const [ip = "", port = ""] = request.client.split(":");
      const { handler } = mesh.connect({ ...connInfo(), client: { ip, port: Number(port) } });
      for (const bytes of request.request_bytes) handler.clientData(Buffer.from(bytes, "latin1"));
      handler.upstreamData(Buffer.from(request.response, "latin1"));
      handler.upstreamEnd();
      handler.closed("ended");
      mesh.flush();
      expect(mesh.spans).toHaveLength(1);
      const [span] = mesh.spans;
      const [expected] = golden;
      const generated = isGenerated(request);
      const comparable = (tags: Tags) =>
        tags.filter(
          ([key]) => !(generated && key === "http.request_id") && !MAPPED.has(key) && key !== ADDED,
        );
      expect(span!.operationName).toBe(expected!.operationName);
      expect(comparable(span!.tags)).toEqual(comparable(goldenTags(request.name, expected!)));
      expect(span!.flags).toBe(expected!.flags);
      const added = span!.tags.findIndex(([key]) => key === ADDED);
      expect(span!.tags[added]![1]).toBe(
        /[^0]/.test(expected!.references[0]?.spanId ?? "") ? "uber" : "none",
      );
      expect(span!.tags.slice(added + 1).every(([key]) => /response_size|status_code|error/.test(key))).toBe(
        true,
      );
    });
  }
});

const GET = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Request-Id: r\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

function exchange(mesh: TracedMesh, request: string, response: string, direction: Direction = "inbound") {
  const { handler, relay } = mesh.connect(connInfo(direction));
  handler.clientData(Buffer.from(request, "latin1"));
  if (response) handler.upstreamData(Buffer.from(response, "latin1"));
  handler.closed("upstream-reset");
  mesh.flush();
  return { span: mesh.spans.at(-1), sent: relay.upstream };
}

test("an outbound span is named by host and path and continues the inbound one", () => {
  const mesh = new TracedMesh();
  const { span: server } = exchange(mesh, GET, OK);
  const { span: client, sent } = exchange(mesh, GET, OK, "outbound");
  expect(client!.operationName).toBe("h/a");
  expect(client!.traceId).toBe(server!.traceId);
  expect(client!.references).toEqual([{ type: 0, traceId: server!.traceId, spanId: server!.spanId }]);
  expect(Object.fromEntries(client!.tags)).toMatchObject({
    "span.kind": "client",
    remote_addr: "198.18.0.1:8080",
  });
  expect(sent).toContain(`:${client!.spanId}:${server!.spanId}:1\r\n`);
});

test.each([
  ["inbound", "server"],
  ["outbound", "client"],
] as const)(
  "mapped headers and cookies are tags of %s spans, also with an incoming context",
  (direction, kind) => {
    const request = GET.replace(
      "\r\n\r\n",
      "\r\nuber-trace-id: 1:2:0:1\r\nX-Session: s\r\nCookie: x=1; sess=c\r\n\r\n",
    );
    const { span } = exchange(new TracedMesh(), request, OK, direction);
    expect(span!.tags.slice(0, 3)).toEqual([
      ["http.session", "s"],
      ["http.cookies.sess", "c"],
      ["span.kind", kind],
    ]);
  },
);

test("of several headers of a mapped name the first is the tag, an empty one is none", () => {
  const tagsWith = (lines: string) => {
    const { span } = exchange(new TracedMesh(), GET.replace("\r\n\r\n", `\r\n${lines}\r\n\r\n`), OK);
    return Object.fromEntries(span!.tags);
  };
  expect(tagsWith("X-Session: one\r\nX-Session: two")["http.session"]).toBe("one");
  expect(tagsWith("X-Session:\r\nX-Other: a")).not.toHaveProperty("http.session");
});

test("an exchange without response has an error and no status", () => {
  const tags = Object.fromEntries(exchange(new TracedMesh(), GET, "").span!.tags);
  expect(tags.error).toBe(true);
  expect("http.status_code" in tags || "http.response_size" in tags || "timeout" in tags).toBe(false);
});

test("a client that leaves is a timeout", () => {
  const mesh = new TracedMesh();
  const { handler } = mesh.connect(connInfo());
  handler.clientData(Buffer.from(GET));
  handler.closed("client-reset");
  mesh.flush();
  expect(Object.fromEntries(mesh.spans[0]!.tags)).toMatchObject({ error: true, timeout: true });
});

test("a response that is not understood names the reason", () => {
  const { span } = exchange(new TracedMesh(), GET, "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n");
  const tags = Object.fromEntries(span!.tags);
  expect(tags).toMatchObject({ "netramesh.framing": "bad-length", "http.status_code": 200n });
  expect("error" in tags).toBe(false);
});

test("an upgrade is one span with status 101", () => {
  const request = GET.replace("\r\n\r\n", "\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  const { span } = exchange(new TracedMesh(), request, "HTTP/1.1 101 S\r\n\r\nbytes");
  expect(Object.fromEntries(span!.tags)["http.status_code"]).toBe(101n);
});

test("unsampled requests and ignored paths leave no span, and pipelined spans stay with their requests", () => {
  expect(exchange(new TracedMesh({ sampled: false }), GET, OK).span).toBeUndefined();
  const mesh = new TracedMesh();
  exchange(mesh, `${GET.replace("/a?b", "/health")}${GET}`, `${OK}${OK.replace("200", "404")}`);
  expect(
    mesh.spans.map((span) => [span.operationName, Object.fromEntries(span.tags)["http.status_code"]]),
  ).toEqual([["/a", 404n]]);
});

test("a span lasts from the request's head to the response's end", () => {
  const mesh = new TracedMesh();
  const { handler } = mesh.connect(connInfo());
  handler.clientData(Buffer.from(GET));
  mesh.clock.advance(7);
  handler.upstreamData(Buffer.from(OK));
  mesh.flush();
  expect(mesh.spans[0]!.duration).toBe(7000);
});

test("a name is never empty: an absolute target may have no path, CONNECT has none", () => {
  const name = (line: string, direction: Direction) =>
    exchange(new TracedMesh(), GET.replace("GET /a?b", line), OK, direction).span!.operationName;
  expect(name("GET http://h", "inbound")).toBe("/");
  expect(name("CONNECT db:5432", "inbound")).toBe("db:5432");
  expect(name("CONNECT db:5432", "outbound")).toBe("db:5432");
});

test("a tunnel is one span, which ends when the tunnel begins", () => {
  const { span } = exchange(new TracedMesh(), GET.replace("GET /a?b", "CONNECT db:5432"), OK, "outbound");
  const tags = Object.fromEntries(span!.tags);
  expect([tags["http.method"], tags["http.path"], tags["http.status_code"]]).toEqual([
    "CONNECT",
    "db:5432",
    200n,
  ]);
  expect("error" in tags).toBe(false);
});

test("a trace that others decided on has no sampler tags", () => {
  const { span } = exchange(new TracedMesh(), GET.replace("\r\n\r\n", "\r\nb3: 1\r\n\r\n"), OK);
  expect(span!.references).toEqual([]);
  expect(span!.tags[0]).toEqual(["span.kind", "server"]);
});

test("an escaped path is decoded in the operation name and kept in the tag", () => {
  const { span } = exchange(new TracedMesh(), GET.replace("/a?b", "/%C3%A9%20x?y=%20"), OK);
  expect(span!.operationName).toBe("/é x");
  expect(Object.fromEntries(span!.tags)["http.path"]).toBe("/%C3%A9%20x?y=%20");
});
