import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Case, check, parse, splits } from "./harness.ts";

const LONG = "x".repeat(70_000);

function requests(title: string, rows: [label: string, bytes: string, ...expected: string[]][]): void {
  describe(title, () => {
    for (const [label, bytes, ...expected] of rows) {
      test(label, () => check("request", { label, bytes, expected }));
    }
  });
}

const HOST = "Host: h\r\n";

requests("strict requests are understood", [
  ["a request without fields", "GET / HTTP/1.1\r\n\r\n", "head GET /", "end"],
  ["HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "head GET /", "end"],
  ["8-bit bytes in target and value", "GET /\xe9 HTTP/1.1\r\nA: \xff\x80\r\n\r\n", "head GET /\xe9", "end"],
  [
    "an unknown method of 32 characters",
    `${"M".repeat(32)} / HTTP/1.1\r\n\r\n`,
    `head ${"M".repeat(32)} /`,
    "end",
  ],
  ["a lower-case method", "get / HTTP/1.1\r\n\r\n", "head get /", "end"],
  ["absolute-form", "GET http://h/p?q HTTP/1.1\r\n\r\n", "head GET http://h/p?q", "end"],
  ["asterisk-form", "OPTIONS * HTTP/1.1\r\n\r\n", "head OPTIONS *", "end"],
  [
    "no Host, two Hosts, empty values",
    "GET / HTTP/1.1\r\nHost:\r\nhost: b\r\nX:\r\n\r\n",
    "head GET /",
    "end",
  ],
  ["up to four empty lines before it", "\r\n\n\r\n\nGET / HTTP/1.1\r\n\r\n", "head GET /", "end"],
  [
    "obs-fold on an ordinary field",
    "GET / HTTP/1.1\r\nA: b\r\n  c\r\n\td\r\nE: f\r\n\r\n",
    "head GET /",
    "end",
  ],
  ["a body by Content-Length", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "head POST /", "end"],
  ["a GET with a body", "GET / HTTP/1.1\r\ncontent-LENGTH:3\r\n\r\nabc", "head GET /", "end"],
  ["Content-Length 0", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "head POST /", "end"],
  [
    "pipelined requests",
    "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /c HTTP/1.1\r\n\r\n",
    ...["head GET /a", "end", "head POST /b", "end", "head GET /c", "end"],
  ],
  [
    "a chunked body with extensions and trailers, then the next request",
    'POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;a="b c"\r\nhello\r\n00A \r\n0123456789\r\n0\r\nX-T: v\r\nY:\r\n\r\nGET /n HTTP/1.1\r\n\r\n',
    ...["head POST /", "end", "head GET /n", "end"],
  ],
  [
    "gzip, chunked",
    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "head POST /",
    "end",
  ],
  ["a head just under the limit", `GET / HTTP/1.1\r\nA: ${"x".repeat(61_400)}\r\n\r\n`, "head GET /", "end"],
]);

requests("other protocols pass from their first implausible byte", [
  ["TLS", "\x16\x03\x01\x02\x00\x01", "opaque tls"],
  ["HTTP/2 prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "opaque h2"],
  ["PostgreSQL start-up", "\0\0\0\x08\x04\xd2\x16\x2f", "opaque not-http"],
  ["a Redis inline command", "PING\r\n", "opaque not-http"],
  ["a Redis array", "*1\r\n$4\r\nPING\r\n", "opaque not-http"],
  ["memcached", "get a\r\n", "opaque not-http"],
  ["SMTP", "EHLO example\r\n", "opaque not-http"],
  ["SSH", "SSH-2.0-OpenSSH_9.2\r\n", "opaque not-http"],
  ["HTTP/0.9", "GET /\r\n", "opaque not-http"],
  ["RTSP", "OPTIONS rtsp://h/ RTSP/1.0\r\n", "opaque not-http"],
  ["PROXY protocol version 1", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "opaque not-http"],
  ["a method of 33 characters", `${"M".repeat(33)} / HTTP/1.1\r\n\r\n`, "opaque not-http"],
]);

requests("anomalies on which parsers disagree pass unread", [
  ["bare LF after the request line", "GET / HTTP/1.1\nHost: h\n\n", "opaque not-http"],
  ["bare LF after a field", `GET / HTTP/1.1\r\n${HOST.replace("\r", "")}\r\n`, "opaque bad-head"],
  ["bare LF as the empty line", "GET / HTTP/1.1\r\nA: b\r\n\n", "opaque bad-head"],
  ["bare CR in a value", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "opaque bad-head"],
  ["NUL in a value", "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", "opaque bad-head"],
  ["DEL in a value", "GET / HTTP/1.1\r\nA: b\x7fc\r\n\r\n", "opaque bad-head"],
  ["space before the colon", "GET / HTTP/1.1\r\nA : b\r\n\r\n", "opaque bad-head"],
  ["a line without colon", "GET / HTTP/1.1\r\nAb\r\n\r\n", "opaque bad-head"],
  ["an empty name", "GET / HTTP/1.1\r\n: b\r\n\r\n", "opaque bad-head"],
  ["a name that is no token", "GET / HTTP/1.1\r\nA(: b\r\n\r\n", "opaque bad-head"],
  ["two spaces in the request line", "GET  / HTTP/1.1\r\n\r\n", "opaque not-http"],
  ["a tab in the request line", "GET\t/ HTTP/1.1\r\n\r\n", "opaque not-http"],
  ["a trailing space in the request line", "GET / HTTP/1.1 \r\n\r\n", "opaque not-http"],
  ["HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", "opaque not-http"],
  ["HTTP/1.10", "GET / HTTP/1.10\r\n\r\n", "opaque not-http"],
  ["lower-case http/1.1", "GET / http/1.1\r\n\r\n", "opaque not-http"],
  ["a fold behind the request line", "GET / HTTP/1.1\r\n A: b\r\n\r\n", "opaque bad-head"],
  ["a folded Host", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "opaque bad-head"],
  ["a folded Content-Length", "GET / HTTP/1.1\r\nContent-Length:\r\n 5\r\n\r\nhello", "opaque bad-head"],
  [
    "a folded Transfer-Encoding",
    "GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "opaque bad-head",
  ],
  ["a fold of white space only", "GET / HTTP/1.1\r\nA: b\r\n  \r\n\r\n", "opaque bad-head"],
  ["five empty lines before it", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", "opaque not-http"],
  ["a bare CR before it", "\rGET / HTTP/1.1\r\n\r\n", "opaque not-http"],
  ["more than 1024 fields", `GET / HTTP/1.1\r\n${"a:\r\n".repeat(1025)}\r\n`, "opaque head-too-large"],
  ["a head over the limit", `GET / HTTP/1.1\r\nA: ${LONG}\r\n\r\n`, "opaque head-too-large"],
  [
    "garbage between pipelined requests",
    "GET /a HTTP/1.1\r\n\r\n!!GET /b HTTP/1.1\r\n\r\n".replace("!!", "(("),
    ...["head GET /a", "end", "opaque bad-head"],
  ],
]);

// biome-ignore format: one row a line
const AMBIGUOUS: [reason: string, ...fields: string[]][] = [
  ["te-cl", "Transfer-Encoding: chunked", "Content-Length: 5"],
  ["te-cl", "Content-Length: 5", "Transfer-Encoding: chunked"],
  ["bad-length", "Content-Length: 5, 5"],
  ["bad-length", "Content-Length: 5", "Content-Length: 5"],
  ["bad-length", "Content-Length: 5", "Content-Length: 6"],
  ...["+5", "-5", "0x5", "5.0", "1_0", "1 5", "", "9007199254740992", "5\xa0"].map(
    (v): [string, string] => ["bad-length", `Content-Length: ${v}`],
  ),
  ...[
    "identity", "xchunked", "chunked, gzip", "chunked, chunked", ",chunked", "chunked,", "", '"chunked"',
    "chunked;q=1", "chunked\xa0", "identity, chunked",
  ].map((v): [string, string] => ["bad-coding", `Transfer-Encoding: ${v}`]),
  ["bad-coding", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
];

describe("ambiguous request framing passes unread", () => {
  for (const [reason, ...fields] of AMBIGUOUS) {
    test(fields.join(" + "), () => {
      const bytes = `POST / HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n`;
      check("request", { label: reason, bytes, expected: [`opaque ${reason}`] });
    });
  }
  test("Transfer-Encoding in HTTP/1.0", () => {
    const bytes = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    check("request", { label: "", bytes, expected: ["opaque bad-coding"] });
  });
});

describe("broken chunks pass unread", () => {
  const rows: [string, string][] = [
    ["bad-chunk", "0x5\r\nhello\r\n"],
    ["bad-chunk", "+5\r\n"],
    ["bad-chunk", "\r\n"],
    ["bad-chunk", " 5\r\n"],
    ["bad-chunk", "5\nhello\n"],
    ["bad-chunk", "5;a\rb\r\nhello"],
    ["bad-chunk", "5\0\r\n"],
    ["bad-chunk", `${"0".repeat(16)}5\r\n`],
    ["bad-chunk", "10000000000000\r\n"],
    ["bad-chunk", "5\r\nhelloX\r\n"],
    ["bad-chunk", "5\r\nhello\rX"],
    ["bad-chunk", `5;${"x".repeat(4200)}\r\n`],
    ["bad-trailer", "0\r\nX y: z\r\n\r\n"],
    ["bad-trailer", "0\r\nX: \0\r\n\r\n"],
    ["bad-trailer", "0\r\nX: y\n\r\n"],
    ["bad-trailer", `0\r\nX: ${LONG}\r\n\r\n`],
  ];
  for (const [reason, body] of rows) {
    test(JSON.stringify(body.slice(0, 24)), () => {
      const bytes = `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
      check("request", { label: reason, bytes, expected: ["head POST /", `opaque ${reason}`] });
    });
  }
});

function responses(title: string, rows: (Omit<Case, "expected"> & { expected: string })[]): void {
  describe(title, () => {
    for (const row of rows)
      test(row.label, () => check("response", { ...row, expected: row.expected.split(", ") }));
  });
}

const OK = "HTTP/1.1 200 OK\r\n";

responses("responses are framed by their request", [
  { label: "Content-Length", bytes: `${OK}Content-Length: 2\r\n\r\nhi`, expected: "head 200, end" },
  {
    label: "equal Content-Lengths",
    bytes: `${OK}Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi`,
    expected: "head 200, end",
  },
  { label: "no reason", bytes: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", expected: "head 200, end" },
  {
    label: "an empty reason",
    bytes: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    expected: "head 200, end",
  },
  {
    label: "HEAD with a length announced",
    methods: ["HEAD"],
    bytes: `${OK}Content-Length: 5\r\n\r\n`,
    expected: "head 200, end",
  },
  {
    label: "HEAD with chunked announced",
    methods: ["HEAD"],
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n`,
    expected: "head 200, end",
  },
  {
    label: "204 with a length",
    bytes: "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
    expected: "head 204, end",
  },
  {
    label: "304 with a coding",
    bytes: "HTTP/1.1 304 N\r\nTransfer-Encoding: chunked\r\n\r\n",
    expected: "head 304, end",
  },
  {
    label: "chunked",
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    expected: "head 200, end",
  },
  { label: "until close", fin: true, bytes: `${OK}\r\nbody\r\n\r\n`, expected: "head 200, end" },
  {
    label: "another coding: until close",
    fin: true,
    bytes: `${OK}Transfer-Encoding: gzip\r\n\r\nbody`,
    expected: "head 200, end",
  },
  {
    label: "HTTP/1.0 keeps Content-Length",
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    expected: "head 200, end",
  },
  {
    label: "any number of 1xx before the final one",
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    expected: "head 100, end, head 103, end, head 200, end",
  },
  {
    label: "pipelined responses in order",
    methods: ["GET", "HEAD", "GET"],
    bytes: `${OK}Content-Length: 1\r\n\r\nx${OK}Content-Length: 9\r\n\r\nHTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n`,
    expected: "head 200, end, head 200, end, head 404, end",
  },
  { label: "status 999", bytes: "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", expected: "head 999, end" },
]);

responses("responses that are not understood end the observation", [
  {
    label: "bytes beyond the last pending response",
    bytes: `${OK}Content-Length: 1\r\n\r\nxyz`,
    expected: "head 200, end, opaque unsolicited",
  },
  {
    label: "a response without a request",
    methods: [],
    bytes: "HTTP/1.1 408 T\r\n\r\n",
    expected: "opaque unsolicited",
  },
  {
    label: "both framings",
    bytes: `${OK}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`,
    expected: "opaque te-cl",
  },
  { label: "differing lengths", bytes: `${OK}Content-Length: 1, 2\r\n\r\n`, expected: "opaque bad-length" },
  { label: "an empty length", bytes: `${OK}Content-Length:\r\n\r\n`, expected: "opaque bad-length" },
  { label: "ICY", bytes: "ICY 200 OK\r\n\r\n", expected: "opaque bad-head" },
  { label: "bare LF", bytes: "HTTP/1.1 200 OK\nA: b\n\n", expected: "opaque bad-head" },
  { label: "status 099", bytes: "HTTP/1.1 099 X\r\n\r\n", expected: "opaque bad-head" },
  { label: "status of four digits", bytes: "HTTP/1.1 2000 X\r\n\r\n", expected: "opaque bad-head" },
  {
    label: "a head over the limit",
    bytes: `${OK}A: ${"x".repeat(270_000)}\r\n\r\n`,
    expected: "opaque head-too-large",
  },
]);

test("FIN inside a head releases what is held", () => {
  check("request", { label: "", bytes: "GET / HTT", expected: ["opaque half-head"], fin: true });
});

test("every byte comes out, whatever comes in and however it is cut", () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...["GET / HTTP/1.1", "POST /x HTTP/1.1", "HTTP/1.1 200 OK", "Content-Length: 4", "Content-Length: 0"],
      ...[
        "Transfer-Encoding: chunked",
        "A: b",
        "",
        "0",
        "4",
        "abcd",
        " fold",
        "Upgrade: x",
        "\0",
        "PRI * HTTP/2.0",
      ],
    ),
    fc.string({ maxLength: 12, unit: "binary" }),
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "")), {
    maxLength: 14,
  });
  const property = fc.property(
    stream,
    fc.constantFrom<"request" | "response">("request", "response"),
    (parts, role) => {
      const input = Buffer.from(parts.map(([text, eol]) => text + eol).join(""), "latin1");
      let first: string[] | null = null;
      for (const pieces of splits(input, 7)) {
        const recorder = parse(role, pieces, ["GET", "GET", "HEAD"], true);
        const out = recorder.bytes;
        if (role === "request" || recorder.lines.at(-1)?.startsWith("opaque"))
          expect(out).toBe(input.toString("latin1"));
        first ??= recorder.lines;
        expect(recorder.lines).toEqual(first);
      }
    },
  );
  fc.assert(property, { numRuns: 400, seed: 20261123 });
}, 60_000);
