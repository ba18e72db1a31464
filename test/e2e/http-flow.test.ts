/** Exchanges of every kind on one connection: each request is recognised, no byte of a body is touched. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { expectReceived, INSERTED, requestIds } from "./expected.ts";
import { TEST_TIMEOUT_MS } from "./harness.ts";
import { DIRECTIONS, type Direction, Stage } from "./stage.ts";
import type { Link } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("flow");
});
afterAll(() => stage.close());

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** Sends what is left of the talk and takes leave in the usual way. */
async function finish({ client, server }: Link): Promise<void> {
  client.fin();
  await server.over();
  server.fin();
  await client.over();
}

/** Request bodies and what announces them; each is followed by another request. */
const BODIES: [label: string, fields: string, body: string][] = [
  ["with a length", "Content-Length: 5\r\n", "hello"],
  ["that looks like a request", "Content-Length: 18\r\n", "GET / HTTP/1.1\r\n\r\n"],
  ["in chunks", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n"],
  ["in chunks with trailers", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n00\r\nX-Sum: 1\r\n\r\n"],
  ["that is empty", "Content-Length: 0\r\n", ""],
];

describe.each(DIRECTIONS)("%s, a request after one", (direction) => {
  test.each(BODIES)("with a body %s is recognised, and in the same write", async (_, fields, body) => {
    const ends = await stage.connect(direction);
    const post = `POST /first HTTP/1.1\r\n${fields}`;
    ends.client.send(`${post}\r\n${body}${GET}\r\n`);
    const inserted = INSERTED[direction];
    await expectReceived(ends.server, `${post}${inserted}\r\n${body}${GET}${inserted}\r\n`);
    ends.server.send(EMPTY + EMPTY);
    await ends.client.until(({ text }) => text === EMPTY + EMPTY);
    await finish(ends);
  });

  test("that arrived byte by byte is recognised, and so was that one", async () => {
    const ends = await stage.connect(direction);
    const post = "POST /slow HTTP/1.1\r\nContent-Length: 2\r\n";
    for (const byte of `${post}\r\nhi${GET}\r\n`) {
      ends.client.send(byte);
      await Bun.sleep(1);
    }
    const inserted = INSERTED[direction];
    await expectReceived(ends.server, `${post}${inserted}\r\nhi${GET}${inserted}\r\n`);
    ends.server.send(EMPTY + EMPTY);
    await finish(ends);
  });
});

/** Responses after which the connection goes on, and what they answer. */
const RESPONSES: [label: string, method: string, response: string][] = [
  ["a body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
  ["a chunked body", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
  ["a length but no body, to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"],
  ["chunks but no body, to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["204", "GET", "HTTP/1.1 204 No Content\r\n\r\n"],
  ["304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4000\r\n\r\n"],
  ["100, 102, 103 and the end", "GET", `${["100", "102", "103"].map(interim).join("")}${EMPTY}`],
  ["a refused upgrade's 200", "GET", EMPTY],
];

function interim(status: string): string {
  return `HTTP/1.1 ${status} Wait\r\nLink: </a>\r\n\r\n`;
}

test.each(RESPONSES)("after %s the connection goes on as HTTP", async (label, method, response) => {
  const ends = await stage.connect("inbound");
  const upgrade = label.includes("upgrade") ? "Connection: upgrade\r\nUpgrade: websocket\r\n" : "";
  const first = `${method} / HTTP/1.1\r\n${upgrade}`;
  ends.client.send(`${first}\r\n`);
  const received = `${first}${INSERTED.inbound}\r\n`;
  await expectReceived(ends.server, received);
  ends.server.send(response);
  await ends.client.until(({ text }) => text === response);
  ends.client.send(`${GET}\r\n`);
  await expectReceived(ends.server, `${received}${GET}${INSERTED.inbound}\r\n`);
  ends.server.send(EMPTY);
  await ends.client.until(({ text }) => text === response + EMPTY);
  const spans = await stage.agent.spans(2, ...requestIds(ends.server));
  expect(spans.map(({ tags }) => tags["http.method"])).toEqual([method, "GET"]);
  await finish(ends);
});

describe("a response", () => {
  test("that is asked for by Expect comes before the body is sent", async () => {
    const ends = await stage.connect("inbound");
    const post = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n";
    ends.client.send(`${post}\r\n`);
    await expectReceived(ends.server, `${post}${INSERTED.inbound}\r\n`);
    ends.server.send("HTTP/1.1 100 Continue\r\n\r\n");
    await ends.client.until(({ text }) => text.endsWith("Continue\r\n\r\n"));
    ends.client.send("body");
    await expectReceived(ends.server, `${post}${INSERTED.inbound}\r\nbody`);
    ends.server.send(EMPTY);
    await ends.client.until(({ text }) => text.endsWith(EMPTY));
    await finish(ends);
  });

  test("that ends with its connection arrives whole and ends so", async () => {
    const { client, server } = await stage.connect("inbound");
    client.send(`${GET}\r\n`);
    await expectReceived(server, `${GET}${INSERTED.inbound}\r\n`);
    const body = "b".repeat(300_000);
    server.send(`HTTP/1.0 200 OK\r\n\r\n${body}`).fin();
    await client.over();
    expect(client.text).toBe(`HTTP/1.0 200 OK\r\n\r\n${body}`);
    client.fin();
    await server.over();
  });

  test("that is truncated by a reset ends in a reset, not as if it were complete", async () => {
    const { client, server } = await stage.connect("inbound");
    client.send(`${GET}\r\n`);
    await expectReceived(server, `${GET}${INSERTED.inbound}\r\n`);
    server.send("HTTP/1.1 200 OK\r\n\r\npart");
    await client.until(({ text }) => text.endsWith("part"));
    server.rst();
    await client.until(({ ending }) => ending !== "open");
    expect(client.ending).toBe("rst");
  });

  test("that comes before the request is complete is not held back, and the body still arrives", async () => {
    const ends = await stage.connect("inbound");
    const post = "POST / HTTP/1.1\r\nContent-Length: 10\r\n";
    ends.client.send(`${post}\r\nhello`);
    await expectReceived(ends.server, `${post}${INSERTED.inbound}\r\nhello`);
    ends.server.send(EMPTY);
    await ends.client.until(({ text }) => text === EMPTY);
    ends.client.send(`world${GET}\r\n`);
    await expectReceived(
      ends.server,
      `${post}${INSERTED.inbound}\r\nhelloworld${GET}${INSERTED.inbound}\r\n`,
    );
    ends.server.send(EMPTY);
    await finish(ends);
  });

  test("is streamed: each piece arrives before the next is sent", async () => {
    const ends = await stage.connect("outbound");
    ends.client.send(`${GET}\r\n`);
    await expectReceived(ends.server, `${GET}${INSERTED.outbound}\r\n`);
    let sent = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    ends.server.send(sent);
    for (let i = 0; i < 5; i++) {
      await ends.client.until(({ text }) => text === sent);
      sent += `data: ${i}\n\n`;
      ends.server.send(`data: ${i}\n\n`);
    }
    await ends.client.until(({ text }) => text === sent);
    await finish(ends);
  });
});

test.each<Direction>(["inbound", "outbound"])(
  "%s, 100 pipelined requests get their lines",
  async (direction) => {
    const ends = await stage.connect(direction);
    const heads = Array.from({ length: 100 }, (_, i) => `GET /${i} HTTP/1.1\r\n`);
    ends.client.send(heads.map((head) => `${head}\r\n`).join(""));
    await expectReceived(ends.server, heads.map((head) => `${head}${INSERTED[direction]}\r\n`).join(""));
    ends.server.send(EMPTY.repeat(100));
    await ends.client.until(({ text }) => text === EMPTY.repeat(100));
    await finish(ends);
  },
);
