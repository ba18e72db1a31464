import { describe, expect, test } from "bun:test";
import { jsonFormat } from "../../../src/mesh/access-log/json.ts";
import type { Policy } from "../../../src/mesh/exchange.ts";
import { type Conversation, connInfo } from "../conversation.ts";
import { linesOf, START_US } from "./lines.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function objectOf(request: string, response = OK): Record<string, unknown> {
  const [line, ...more] = linesOf(
    jsonFormat,
    (c) => void c.client(request).upstream(response).closed("ended"),
  );
  expect(more).toEqual([]);
  expect(line).not.toMatch(/[^\x20-\x7e]/);
  return JSON.parse(line!);
}

/** What tracing would have done. */
const traced: Policy = {
  apply(exchange) {
    exchange.traced = true;
    exchange.requestId = "id-1";
    Object.assign(exchange.context, { traceHighHi: 0, traceHighLo: 0, traceLowHi: 0xabc, traceLowLo: 0xdef });
  },
};

test("an inbound exchange is one object with all that is known of it", () => {
  const request = "POST /a?b=c HTTP/1.1\r\nHost: shop:80\r\nUser-Agent: me/1\r\nContent-Length: 3\r\n\r\nabc";
  const play = (c: Conversation) => void c.client(request).wait(1_234_566).upstream(OK);
  expect(linesOf(jsonFormat, play, { policies: [traced] })).toEqual([
    '{"time":"2026-01-02T03:04:05.678Z","direction":"inbound","client":"198.18.0.2:40000","upstream":"198.18.0.1:8080",' +
      '"method":"POST","path":"/a?b=c","protocol":"HTTP/1.1","host":"shop:80","user_agent":"me/1","request_id":"id-1",' +
      '"trace_id":"00000abc00000def","request_bytes":3,"status":200,"response_bytes":2,"outcome":"complete",' +
      '"duration_ms":1234.567}',
  ]);
});

test("an outbound one of IPv6 says so", () => {
  const conn = {
    ...connInfo("outbound"),
    client: { ip: "fd00::1", port: 1 },
    originalDst: { ip: "fd00::2", port: 2 },
  };
  const [line] = linesOf(jsonFormat, (c) => void c.client("GET / HTTP/1.0\r\n\r\n").upstream(OK), { conn });
  expect(JSON.parse(line!)).toMatchObject({
    direction: "outbound",
    client: "[fd00::1]:1",
    upstream: "[fd00::2]:2",
    protocol: "HTTP/1.0",
  });
});

test("what is not known is left out", () => {
  const request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  expect(Object.keys(objectOf(request, ""))).toEqual([
    "time",
    "direction",
    "client",
    "upstream",
    "method",
    "path",
    "protocol",
    "host",
    "request_id",
    "outcome",
    "duration_ms",
  ]);
});

test.each([
  ["its end", OK, "complete", 200],
  ["a reset", "", "aborted", undefined],
  ["a reset within the response", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart", "aborted", 200],
  ["an unreadable response", "HTTP/1.1 twohundred\r\n\r\n", "unreadable", undefined],
])("its outcome is known after %s", (_, response, outcome, status) => {
  const play = (c: Conversation) =>
    void c.client("GET / HTTP/1.1\r\n\r\n").upstream(response).closed("upstream-reset");
  const [line] = linesOf(jsonFormat, play);
  const { outcome: seen, status: code } = JSON.parse(line!);
  expect([seen, code]).toEqual([outcome, status]);
});

test("a response beyond 2^31 bytes is counted right", () => {
  const huge = "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n";
  expect(objectOf("HEAD / HTTP/1.1\r\n\r\n", huge).response_bytes).toBe(5_000_000_000);
});

test("a clock that was put back makes no negative time", () => {
  const play = (c: Conversation) => void c.client("GET / HTTP/1.1\r\n\r\n").wait(-5000).upstream(OK);
  expect(JSON.parse(linesOf(jsonFormat, play)[0]!).duration_ms).toBe(0);
});

describe("values that peers choose cannot break out:", () => {
  const agents: [label: string, sent: string, read: string][] = [
    ["a quote", 'a"b', 'a"b'],
    ["a backslash", "a\\b", "a\\b"],
    ["a tab", "a\tb", "a\tb"],
    ["UTF-8", Buffer.from("мир 😀").toString("latin1"), "мир 😀"],
    ["what is no UTF-8", "a\xffb", "a\ufffdb"],
    ["an 8-bit escape", "a\xc2\x9bb", "a\u009bb"],
    ["a separator of Unicode", Buffer.from("a\u2028b").toString("latin1"), "a\u2028b"],
  ];
  test.each(agents)("%s in the user agent", (_, sent, read) => {
    expect(objectOf(`GET / HTTP/1.1\r\nUser-Agent: ${sent}\r\n\r\n`).user_agent).toBe(read);
  });

  test.each(agents.filter(([label]) => label !== "a tab"))("%s in the request id", (_, sent, read) => {
    const withId: Policy = {
      apply: (exchange) => {
        exchange.requestId = sent;
      },
    };
    const play = (c: Conversation) => void c.client("GET / HTTP/1.1\r\n\r\n").upstream(OK);
    expect(JSON.parse(linesOf(jsonFormat, play, { policies: [withId] })[0]!).request_id).toBe(read);
  });

  test("nor can long ones, which are cut", () => {
    const long = '"'.repeat(5000);
    const request = `GET /${long} HTTP/1.1\r\nHost: ${long}\r\nUser-Agent: ${long}\r\n\r\n`;
    const { path, host, user_agent } = objectOf(request) as Record<string, string>;
    expect([path!.length, host!.length, user_agent!.length]).toEqual([1024, 256, 256]);
  });
});

test("pipelined exchanges have a line each, in the order of their responses", () => {
  const play = (c: Conversation) =>
    void c.client("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n").upstream(OK + OK);
  expect(linesOf(jsonFormat, play).map((line) => JSON.parse(line).path)).toEqual(["/1", "/2"]);
});

test("the stamp is that of the second, also when the second changes", () => {
  const play = (c: Conversation) => {
    for (let i = 0; i < 3; i++) c.client("GET / HTTP/1.1\r\n\r\n").upstream(OK).wait(999_999);
  };
  const times = linesOf(jsonFormat, play, { startUs: START_US - 1 }).map((line) => JSON.parse(line).time);
  expect(times).toEqual(["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:06.678Z", "2026-01-02T03:04:07.678Z"]);
});
