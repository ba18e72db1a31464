/** The lines that a request head gains or has replaced; every other byte is the application's. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { expectReceived, INSERTED } from "./expected.ts";
import { TEST_TIMEOUT_MS } from "./harness.ts";
import { DIRECTIONS, Stage } from "./stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("inserted");
});
afterAll(() => stage.close());

/** Heads up to their last line, which get the usual lines after it. */
const HEADS: [label: string, head: string][] = [
  ["an ordinary one", "GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nUser-Agent: me\r\nAccept: */*\r\n"],
  ["one without fields, HTTP/1.0", "GET / HTTP/1.0\r\n"],
  ["odd case, order and spacing", "GET / HTTP/1.1\r\nhOST:a\r\nB:  2 \t\r\nA:\r\na: 1\r\nA: 1\r\n"],
  ["bytes beyond ASCII", "GET /\xe9 HTTP/1.1\r\nHost: a\r\nX-Name: J\xfcrgen \xf0\x9f\x98\x80\r\n"],
  ["an absolute target", "GET http://b.example:81/x HTTP/1.1\r\nHost: a\r\n"],
  ["an asterisk for a target", "OPTIONS * HTTP/1.1\r\nHost: a\r\n"],
  ["a method nobody knows", "BREW /pot HTTP/1.1\r\nHost: a\r\n"],
  ["an empty line before it", "\r\nGET / HTTP/1.1\r\nHost: a\r\n"],
  ["one of 40 KiB", `GET /${"p".repeat(20_000)} HTTP/1.1\r\nHost: a\r\nX-Long: ${"v".repeat(20_000)}\r\n`],
  ["one of 400 fields", `GET / HTTP/1.1\r\n${"X-Field: v\r\n".repeat(400)}`],
];

describe.each(DIRECTIONS)("an %s request head only gains lines at its end", (direction) => {
  test.each(HEADS)("%s", async (_, head) => {
    const { client, server } = await stage.connect(direction);
    client.send(`${head}\r\n`).fin();
    await server.over();
    await expectReceived(server, `${head}${INSERTED[direction]}\r\n`);
    server.fin();
    await client.over();
  });
});

const START = "GET / HTTP/1.1\r\n";

describe.each(DIRECTIONS)("a line that an %s request already has", (direction) => {
  // Not the same for both: an outbound request joins the trace of the inbound one with its id.
  const mine = `X-Request-Id: ${direction}\r\n`;
  const source = direction === "outbound" ? "X-Source: netra\r\n" : "";
  const context = "uber-trace-id: {ROOT}\r\n";
  const rows: [label: string, sent: string, received: string][] = [
    ["its request id is kept", mine, `${mine}${source}${context}`],
    [
      "its request id is kept in any case",
      `x-REQUEST-id:${direction}-7\r\n`,
      `x-REQUEST-id:${direction}-7\r\n${source}${context}`,
    ],
    ["an empty request id is filled", "X-Request-Id:\r\n", `X-Request-Id:{ID}\r\n${source}${context}`],
    [
      "of several request ids all are kept",
      `X-Request-Id: ${direction}-1\r\nX-Request-Id: 2\r\n`,
      `X-Request-Id: ${direction}-1\r\nX-Request-Id: 2\r\n${source}${context}`,
    ],
    [
      "its context becomes a child's, in place",
      `Uber-Trace-Id: abc:def:0:1\r\n${mine}`,
      `Uber-Trace-Id: {CHILD}\r\n${mine}${source}`,
    ],
    [
      "a context in percent encoding is understood",
      `uber-trace-id: abc%3Adef%3A0%3A1\r\n${mine}`,
      `uber-trace-id: {CHILD}\r\n${mine}${source}`,
    ],
    [
      "a context that makes no sense begins a new trace",
      `uber-trace-id: nonsense\r\n${mine}`,
      `uber-trace-id: {ROOT}\r\n${mine}${source}`,
    ],
    [
      "of several contexts one remains",
      `uber-trace-id: abc:def:0:1\r\n${mine}uber-trace-id: abc:def:0:1\r\n`,
      `uber-trace-id: {CHILD}\r\n${mine}${source}`,
    ],
    [
      "its source is replaced outbound, kept inbound",
      `x-source:  them\r\n${mine}`,
      direction === "outbound"
        ? `x-source:  netra\r\n${mine}${context}`
        : `x-source:  them\r\n${mine}${context}`,
    ],
  ];
  test.each(rows)("%s", async (_, sent, received) => {
    const { client, server } = await stage.connect(direction);
    client.send(`${START}${sent}\r\n`).fin();
    await server.over();
    await expectReceived(server, `${START}${received}\r\n`);
    server.fin();
    await client.over();
  });
});

test("two requests without ids get two, and two traces", async () => {
  const { client, server } = await stage.connect("inbound");
  client.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").fin();
  await server.over();
  const made = server.text.match(/(?<=-id: ).*/gi)!;
  expect(new Set(made).size).toBe(4);
  server.fin();
  await client.over();
});

test("a response passes unchanged, whatever it holds", async () => {
  const { client, server } = await stage.connect("inbound");
  client.send("GET / HTTP/1.1\r\n\r\n");
  await server.until(({ text }) => text.endsWith("\r\n\r\n"));
  const response = "HTTP/1.1 200\r\nuber-trace-id: abc:def:0:1\r\nx-Odd:\t v \r\nContent-Length: 2\r\n\r\nok";
  server.send(response).fin();
  await client.over();
  expect(client.text).toBe(response);
});
