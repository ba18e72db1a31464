/** What is not HTTP/1 on an HTTP port, or stops being it, passes untouched and without delay. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { expectReceived, INSERTED, requestIds } from "./expected.ts";
import { OPAQUE_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { DIRECTIONS, Stage } from "./stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("unread");
});
afterAll(() => stage.close());

const noise = randomBytes(100_000).toString("latin1");
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** First words of a connection to which nothing may be added, none waits for a line end that never comes. */
const OPENINGS: [label: string, bytes: string][] = [
  ["a TLS hello", `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${noise.slice(0, 200)}`],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"],
  ["PostgreSQL", "\0\0\0\x08\x04\xd2\x16\x2f"],
  ["zeros", "\0\0\0\0"],
  ["Redis", "*1\r\n$4\r\nPING\r\n"],
  ["an inline Redis command", "PING\r\n"],
  ["a PROXY line", `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${REQUEST}`],
  ["SMTP", "EHLO a.example\r\n"],
  ["HTTP/0.9", "GET /\r\n"],
  ["a request with bare line feeds", "GET / HTTP/1.1\nHost: a\n\n"],
  ["a request with a bad field", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
  ["a folded Content-Length", `POST / HTTP/1.1\r\nContent-Length:\r\n 3\r\n\r\nabc${REQUEST}`],
  [
    "two lengths that differ",
    `POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd${REQUEST}`,
  ],
  [
    "a length and chunks",
    `POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${REQUEST}`,
  ],
  ["a head beyond 60 KiB", `GET / HTTP/1.1\r\nX: ${"v".repeat(62 * 1024)}\r\n\r\n${REQUEST}`],
];

describe.each(DIRECTIONS)("%s, on an HTTP port", (direction) => {
  test.each(OPENINGS)("%s passes untouched, and so does all that follows", async (_, opening) => {
    const { client, server } = await stage.connect(direction);
    client.send(opening);
    await server.until(({ text }) => text.length >= opening.length);
    expect(server.text).toBe(opening);
    server.send("reply");
    await client.until(({ text }) => text === "reply");
    client.send(REQUEST + noise).fin();
    await server.over();
    expect(server.text === opening + REQUEST + noise).toBe(true);
    server.send(noise).fin();
    await client.over();
    expect(client.text === `reply${noise}`).toBe(true);
  });
});

test.each(DIRECTIONS)("%s, a request on another port is not read", async (direction) => {
  const { client, server } = await stage.connect(direction, OPAQUE_PORT);
  client.send(REQUEST).fin();
  await server.over();
  expect(server.text).toBe(REQUEST);
  server.fin();
  await client.over();
});

const TUNNELS: [label: string, head: string, response: string][] = [
  [
    "a WebSocket",
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  ],
  [
    "a CONNECT tunnel",
    "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n",
    "HTTP/1.1 200 Connection established\r\nContent-Length: 10\r\n\r\n",
  ],
];

describe.each(TUNNELS)("%s", (_, head, response) => {
  test("begins with a request that has its lines; what follows passes untouched", async () => {
    const { client, server } = await stage.connect("inbound");
    client.send(`${head}\r\n`);
    await expectReceived(server, `${head}${INSERTED.inbound}\r\n`);
    const [id] = requestIds(server);
    const before = server.text;
    server.send(`${response}${REQUEST}`);
    await client.until(({ text }) => text === response + REQUEST);
    client.send(REQUEST + noise);
    await server.until(({ text }) => text.length >= before.length + REQUEST.length + noise.length);
    expect(server.text === before + REQUEST + noise).toBe(true);
    server.send(noise).fin();
    await client.over();
    expect(client.text === response + REQUEST + noise).toBe(true);
    client.fin();
    await server.over();
    const [span, ...others] = await stage.agent.spans(1, id!);
    expect(span!.tags["http.status_code"]).toBe(BigInt(response.slice(9, 12)));
    expect(others).toEqual([]);
  });
});

describe("half a head", () => {
  const half = "GET / HTTP/1.1\r\nHost: a\r\nX-Req";
  const rest = "uest-Id: 1\r\n\r\n";

  test("is passed on after a while, with nothing added to it or to what follows", async () => {
    const { client, server } = await stage.connect("inbound");
    client.send(half);
    await server.until(({ text }) => text.length >= half.length);
    expect(server.text).toBe(half);
    client.send(rest + REQUEST).fin();
    await server.over();
    expect(server.text).toBe(half + rest + REQUEST);
    server.fin();
    await client.over();
  });

  test("is passed on when the client ends", async () => {
    const { client, server } = await stage.connect("outbound");
    client.send(half).fin();
    await server.over();
    expect(server.text).toBe(half);
    server.fin();
    await client.over();
  });

  test("is passed on when the server speaks", async () => {
    const { client, server } = await stage.connect("inbound");
    client.send(half);
    const timeout = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";
    server.send(timeout).fin();
    await client.over();
    expect(client.text).toBe(timeout);
    client.send(rest).fin();
    await server.over();
    expect(server.text).toBe(half + rest);
  });
});
