/**
 * Inserting a line must never change how another parser frames a stream: llhttp in strict mode sees the same messages
 * with and without our lines, on valid and on hostile streams.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Conversation, ID_LINE } from "../mesh/conversation.ts";
import { llhttpRequests } from "./llhttp.ts";

const HIDDEN = ["x-request-id"];

function agree(stream: string): { inserted: number; understood: string[] } {
  const { relay, observer } = new Conversation().client(stream).clientEnd();
  const sent = relay.upstream.slice(0, -"<FIN>".length);
  const inserted = sent.split(ID_LINE).length - 1;
  expect(llhttpRequests(sent, HIDDEN)).toEqual(llhttpRequests(stream, HIDDEN));
  return { inserted, understood: observer.seen.filter((line) => line.startsWith(">")) };
}

const startLine = fc.constantFrom(
  ...[
    "GET / HTTP/1.1",
    "GET / HTTP/1.1",
    "POST /p?q=1 HTTP/1.1",
    "DELETE /d HTTP/1.0",
    "HEAD / HTTP/1.1",
    "PUT * HTTP/1.1",
  ],
  ...[
    "GET  / HTTP/1.1",
    "GET / HTTP/1.2",
    "get / HTTP/1.1",
    "GET /\xe9 HTTP/1.1",
    "GET / HTTP/1.1 ",
    "GET /",
    "\tGET / HTTP/1.1",
  ],
);
const field = fc.constantFrom(
  ...[
    "Host: h",
    "A: b",
    "Accept: */*",
    "X: ",
    "Content-Length: 3",
    "Content-Length: 0",
    "Transfer-Encoding: chunked",
  ],
  ...[
    "Transfer-Encoding: gzip, chunked",
    "Content-Length: 3, 3",
    "Content-Length: +3",
    "Transfer-Encoding: identity",
  ],
  ...[
    "Transfer-Encoding : chunked",
    "Content-Length\t: 3",
    "A: b\r\n fold",
    "Content-Length:\r\n 3",
    "A\0: b",
    "A: \0",
  ],
  ...[
    "Content-Length: 3\r",
    "X: y\rTransfer-Encoding: chunked",
    "Transfer-Encoding: xchunked",
    ": v",
    "novalue",
    " lead: x",
  ],
  ...[
    "Connection: close",
    "Connection: upgrade",
    "Upgrade: x",
    "Expect: 100-continue",
    "X-Request-Id: mine",
    "X-Request-Id:",
  ],
);
const body = fc.constantFrom(
  "",
  "abc",
  "3\r\nabc\r\n0\r\n\r\n",
  "0\r\n\r\n",
  "3;x\r\nabc\r\n0\r\nT: v\r\n\r\n",
  "0x3\r\nabc\r\n0\r\n\r\n",
);
const eol = fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r");
const request = fc
  .tuple(startLine, eol, fc.array(fc.tuple(field, eol), { maxLength: 4 }), eol, body)
  .map(
    ([line, end, fields, empty, content]) =>
      line + end + fields.map(([f, e]) => f + e).join("") + empty + content,
  );

test("llhttp frames hostile streams the same with and without our lines", () => {
  let insertions = 0;
  const property = fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), (requests) => {
    insertions += agree(requests.join("")).inserted;
  });
  fc.assert(property, { numRuns: 20_000, seed: 20261123 });
  expect(insertions).toBeGreaterThan(1000);
}, 60_000);

const validField = fc.constantFrom(
  "Host: h",
  "A: b",
  "X:",
  "Accept:  a, b ",
  "Cookie: c=d",
  "X-Request-Id: mine",
);
const validBody = fc.constantFrom(
  ["", ""],
  ["Content-Length: 5\r\n", "GET /"],
  ["Content-Length: 0\r\n", ""],
  ["Transfer-Encoding: chunked\r\n", "4;e=1\r\n\r\n\r\n\r\n0\r\nT: v\r\n\r\n"],
  ["Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"],
);
const validRequest = fc
  .tuple(
    fc.constantFrom("GET", "POST", "OPTIONS"),
    fc.constantFrom("/", "/a?b", "*"),
    fc.array(validField, { maxLength: 5 }),
    validBody,
  )
  .map(([method, target, fields, [framing, content]]) => {
    return `${method} ${target} HTTP/1.1\r\n${fields.map((f) => `${f}\r\n`).join("")}${framing}\r\n${content}`;
  });

test("on valid streams we see the messages that llhttp sees", () => {
  const property = fc.property(fc.array(validRequest, { minLength: 1, maxLength: 5 }), (requests) => {
    const stream = requests.join("");
    const theirs = llhttpRequests(stream, []).filter((line) => line.startsWith("head "));
    const ours = agree(stream).understood;
    const shape = (line: string) => line.split(" ").slice(1, 3).join(" ");
    expect(ours.map(shape)).toEqual(theirs.map(shape));
    expect(ours).toHaveLength(requests.length);
  });
  fc.assert(property, { numRuns: 3000, seed: 20261123 });
}, 60_000);
