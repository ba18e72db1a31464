import { describe, expect, test } from "bun:test";
import type { Answer } from "../../../src/admin/http/answer.ts";
import {
  type HttpRequest,
  MAX_BODY_BYTES,
  MAX_HEAD_BYTES,
  RequestReader,
} from "../../../src/admin/http/request.ts";

type Outcome = HttpRequest | Answer | null;

/** What a reader makes of `bytes` that arrive in two pieces, or in one. */
function read(bytes: string, split = 0): Outcome {
  const reader = new RequestReader();
  const pieces = [bytes.slice(0, split), bytes.slice(split)].filter((piece) => piece !== "");
  let outcome: Outcome = null;
  for (const piece of pieces) outcome ??= reader.push(Buffer.from(piece, "latin1"));
  return outcome;
}

function plain(outcome: Outcome): unknown {
  return outcome !== null && "query" in outcome ? { ...outcome, query: String(outcome.query) } : outcome;
}

/** Every split gives what the whole gives. */
function expectSame(bytes: string): unknown {
  const whole = plain(read(bytes));
  for (let split = 1; split < bytes.length; split++) expect(plain(read(bytes, split))).toEqual(whole);
  return whole;
}

const GET = { method: "GET", path: "/", query: "", host: "", accept: "", isFromWebPage: false, body: "" };

describe("a request is understood:", () => {
  const rows: [label: string, bytes: string, request: object][] = [
    ["the shortest", "GET / HTTP/1.1\r\n\r\n", GET],
    ["of HTTP/1.0", "GET /live HTTP/1.0\r\n\r\n", { ...GET, path: "/live" }],
    [
      "with a query",
      "GET /ready?verbose&a=b%20c HTTP/1.1\r\n\r\n",
      { ...GET, path: "/ready", query: "verbose=&a=b+c" },
    ],
    ["with two question marks", "GET /?a?b HTTP/1.1\r\n\r\n", { ...GET, query: "a%3Fb=" }],
    ["with Accept", "GET / HTTP/1.1\r\naccept: a/b;q=1\r\n\r\n", { ...GET, accept: "a/b;q=1" }],
    ["with Host", "GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", { ...GET, host: "a:1" }],
    ["of a web page", "GET / HTTP/1.1\r\nOrigin: http://a\r\n\r\n", { ...GET, isFromWebPage: true }],
    [
      "with a body",
      "PUT /log-level HTTP/1.1\r\nContent-Length: 5\r\n\r\ndebug",
      { ...GET, method: "PUT", path: "/log-level", body: "debug" },
    ],
    [
      "with another one behind it, which does not count",
      "GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
      GET,
    ],
    [
      "with more than its body",
      "PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\nabc",
      { ...GET, method: "PUT", body: "a" },
    ],
  ];
  test.each(rows)("%s", (_, bytes, request) => {
    expect(expectSame(bytes)).toEqual(request);
  });

  test("in single bytes", () => {
    const reader = new RequestReader();
    const bytes = Buffer.from("PUT /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
    const outcomes = [...bytes].map((byte) => reader.push(Uint8Array.of(byte)));
    expect(outcomes.slice(0, -1).every((outcome) => outcome === null)).toBe(true);
    const put = { method: "PUT", path: "/a", query: "b=c", host: "x", body: "ok" };
    expect(plain(outcomes.at(-1)!)).toEqual({ ...GET, ...put });
  });

  test("with the largest head and the largest body", () => {
    const start = `PUT / HTTP/1.1\r\nContent-Length: ${MAX_BODY_BYTES}\r\nX: `;
    const head = `${start}${"x".repeat(MAX_HEAD_BYTES - start.length - 4)}\r\n\r\n`;
    const body = "y".repeat(MAX_BODY_BYTES);
    expect(head.length).toBe(MAX_HEAD_BYTES);
    for (const split of [0, 1, MAX_HEAD_BYTES - 1, MAX_HEAD_BYTES, MAX_HEAD_BYTES + 1]) {
      expect(read(`${head}${body}`, split)).toMatchObject({ method: "PUT", body });
    }
  });
});

test.each(["", "G", "GET /", "GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\n1"])(
  "of %j nothing can be said yet",
  (bytes) => {
    expect(read(bytes)).toBeNull();
  },
);

describe("a request is refused", () => {
  const chunked = "Transfer-Encoding: chunked\r\n\r\n";
  const rows: [label: string, bytes: string, status: number][] = [
    ["if it is none", "hello\r\n\r\n", 400],
    ["if it is TLS", "\x16\x03\x01\x02\x00", 400],
    ["if it is HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 400],
    ["with spaces in its target", "GET / / HTTP/1.1\r\n\r\n", 400],
    ["with two lengths", "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
    ["with a length that is none", "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400],
    ["with a length and a coding", `PUT / HTTP/1.1\r\nContent-Length: 1\r\n${chunked}`, 400],
    ["with a body without length", `PUT / HTTP/1.1\r\n${chunked}`, 411],
    ["with a larger body", `PUT / HTTP/1.1\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`, 413],
  ];
  test.each(rows)("%s", (_, bytes, status) => {
    expect(expectSame(bytes)).toMatchObject({ status });
  });

  test("with a larger head, as soon as that shows", () => {
    const bytes = `GET /${"x".repeat(MAX_HEAD_BYTES)}`;
    for (const split of [0, 1, MAX_HEAD_BYTES - 1, MAX_HEAD_BYTES]) {
      expect(read(bytes, split)).toMatchObject({ status: 431 });
    }
    expect(read(bytes.slice(0, MAX_HEAD_BYTES - 1))).toBeNull();
  });

  test("with more fields than any has", () => {
    expect(read(`GET / HTTP/1.1\r\n${"a:\r\n".repeat(1025)}\r\n`)).toMatchObject({ status: 400 });
  });
});
