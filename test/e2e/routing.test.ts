/** Requests that carry a routing value go to another service, on whatever connection they come. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Peer } from "../proxy/peer.ts";
import { HTTP_PORT, type Sidecar, TEST_TIMEOUT_MS } from "./harness.ts";
import { answers, get, RoutingStage } from "./routing-stage.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

/** A port of v2 on which the test itself answers, one on which nobody does, and one of v1 for a while. */
const RAW_PORT = 8081;
const DEAD_PORT = 8082;
const FICKLE_PORT = 8083;

let stage: RoutingStage;
let sidecar: Sidecar;
let raw: Server;
let toV2: string;
let toRaw: string;
let toNobody: string;
beforeAll(async () => {
  stage = await RoutingStage.open("routing");
  raw = new Server(stage.v2, RAW_PORT);
  const { ip4 } = stage.v2;
  toV2 = `X-Route: cart=${ip4}:${HTTP_PORT}`;
  toRaw = `X-Route: cart=${ip4}:${RAW_PORT}`;
  toNobody = `X-Route: cart=${ip4}:${DEAD_PORT}`;
  sidecar = await stage.start({
    NETRA_HTTP_ROUTING_COOKIE_ENABLED: "true",
    NETRA_HTTP_PORTS: `${HTTP_PORT},${DEAD_PORT},${FICKLE_PORT}`,
  });
});
afterAll(() => {
  raw.close();
  stage.close();
});

/** The connection of `client`'s routed request at the raw server, which `send` brings about. */
async function reached(send: () => void): Promise<Peer> {
  const index = raw.peers.length;
  send();
  return raw.peer(index);
}

describe("a request", () => {
  test("goes where its header says, the next without one to its original destination", async () => {
    const client = await stage.connect();
    client.send(get("/a", toV2));
    await answers(client, 1);
    client.send(get("/b"));
    await answers(client, 2);
    client.send(get("/c", toV2));
    const services = (await answers(client, 3)).map(({ service, path }) => `${service} ${path}`);
    expect(services).toEqual(["v2 /a", "v1 /b", "v2 /c"]);
  });

  test("goes where its cookie says rather than its header", async () => {
    const client = await stage.connect();
    client.send(get("/", toNobody, `Cookie: a=b; X-Route=cart=${stage.v2.ip4}:${HTTP_PORT}`));
    const [answer] = await answers(client, 1);
    expect(answer!.service).toBe("v2");
  });

  test("goes to an IPv6 address in brackets", async () => {
    const client = await stage.connect();
    client.send(get("/", `X-Route: cart=[${stage.v2.ip6}]:${HTTP_PORT}`));
    expect((await answers(client, 1))[0]!.service).toBe("v2");
  });

  test("with a malformed value goes to its original destination, and the log says so", async () => {
    const client = await stage.connect();
    client.send(get("/", "X-Route: nonsense"));
    expect((await answers(client, 1))[0]!.service).toBe("v1");
    await sidecar.logged(/WARN .*routing value "nonsense" is not host=host/);
  });

  test.each([14956, 14957, 14958])(
    "that leads to the sidecar's own port %d goes to its original destination",
    async (port) => {
      const client = await stage.connect();
      client.send(get("/", `X-Route: cart=127.0.0.1:${port}`));
      expect((await answers(client, 1))[0]!.service).toBe("v1");
    },
  );

  test.each(["0.0.0.0", "[::]", "[::ffff:7f00:1]", "[::ffff:0:0]"])(
    "that leads to the sidecar's own port by the address %s goes to its original destination",
    async (ip) => {
      const client = await stage.connect();
      client.send(get("/", `X-Route: cart=${ip}:14957`));
      expect((await answers(client, 1))[0]!.service).toBe("v1");
      client.rst();
    },
  );

  test("that leads to the sidecar itself is said in the log", async () => {
    await sidecar.logged(/WARN .*127\.0\.0\.1:14956 is this proxy itself/);
  });

  test("names its real upstream in its span", async () => {
    const client = await stage.connect();
    client.send(get("/", toV2, "X-Request-Id: routed") + get("/", "X-Request-Id: not-routed"));
    await answers(client, 2);
    const [routed] = await stage.agent.spans(1, "routed");
    const [other] = await stage.agent.spans(1, "not-routed");
    expect(routed!.tags.remote_addr).toBe(`${stage.v2.ip4}:${HTTP_PORT}`);
    expect(other!.tags.remote_addr).toBe(`${stage.v1.ip4}:${HTTP_PORT}`);
  });
});

describe("on one connection", () => {
  test("pipelined requests to different services are answered in their order", async () => {
    const client = await stage.connect();
    const count = 40;
    const isRouted = (i: number) => i % 3 === 0;
    client.send(
      Array.from({ length: count }, (_, i) => get(`/${i}`, ...(isRouted(i) ? [toV2] : []))).join(""),
    );
    const got = (await answers(client, count)).map(({ service, path }) => `${service} ${path}`);
    expect(got).toEqual(Array.from({ length: count }, (_, i) => `${isRouted(i) ? "v2" : "v1"} /${i}`));
  });

  test("bodies arrive whole, however large, and trailing requests wait for them", async () => {
    const client = await stage.connect();
    const body = "0123456789abcdef".repeat(200_000);
    const post = (path: string, ...lines: string[]) =>
      get(path, ...lines, `Content-Length: ${body.length}`).replace("GET", "POST") + body;
    const chunked = (path: string, ...lines: string[]) =>
      `${get(path, ...lines, "Transfer-Encoding: chunked").replace("GET", "POST")}5\r\nhello\r\n0\r\n\r\n`;
    client.send(post("/1", toV2) + post("/2") + chunked("/3", toV2) + chunked("/4"));
    const got = await answers(client, 4);
    expect(got.map(({ service, path }) => `${service} ${path}`)).toEqual([
      "v2 /1",
      "v1 /2",
      "v2 /3",
      "v1 /4",
    ]);
    expect(got.map((answer) => answer.body === body || answer.body)).toEqual([true, true, "hello", "hello"]);
  });

  test("HEAD and 100 Continue are between the client and where it is routed", async () => {
    const client = await stage.connect();
    const peer = await reached(() => client.send(get("/", toRaw).replace("GET", "HEAD")));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    await client.until(({ text }) => text.endsWith("9\r\n\r\n"));
    client.send(get("/", toRaw, "Expect: 100-continue", "Content-Length: 4"));
    await peer.until(({ text }) => text.includes("Expect"));
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    await client.until(({ text }) => text.endsWith("Continue\r\n\r\n"));
    client.send(`body${get("/v1")}`);
    await peer.until(({ text }) => text.endsWith("body"));
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    expect((await answers(client, 1))[0]!.service).toBe("v1");
  });

  test("an upgrade leaves the client with the service that it was routed to", async () => {
    const client = await stage.connect();
    const peer = await reached(() => client.send(get("/", toRaw, "Connection: upgrade", "Upgrade: chat")));
    peer.send("HTTP/1.1 101 Switching Protocols\r\n\r\nhello");
    await client.until(({ text }) => text.endsWith("hello"));
    client.send("there").fin();
    await peer.until(({ text, ending }) => text.endsWith("there") && ending === "fin");
    peer.send("bye").fin();
    await client.over();
    expect(client.text).toEndWith("hellobye");
  });
});

test("connections that end at any moment leave no file open, and others are answered meanwhile", async () => {
  const { files } = sidecar;
  const lines = [[], [toV2], [toNobody], [`X-Route: cart=198.18.9.9:${HTTP_PORT}`]];
  const random = fc.sample(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), { numRuns: 300, seed: 1 });
  const abandoned = random.map(async (routes, i) => {
    const client = await stage.connect();
    client.send(routes.map((route) => get("/", ...lines[route]!)).join(""));
    await Bun.sleep(i % 40);
    if (i % 3 === 0) client.fin();
    await Bun.sleep(i % 7);
    client.rst();
  });
  const answered = Array.from({ length: 30 }, async () => {
    const client = await stage.connect();
    client.send(get("/", toV2) + get("/") + get("/", toV2));
    const services = (await answers(client, 3)).map(({ service }) => service);
    client.rst();
    return services;
  });
  await Promise.all(abandoned);
  for (const services of await Promise.all(answered)) expect(services).toEqual(["v2", "v1", "v2"]);
  await sidecar.keeps(files);
});

describe("an upstream", () => {
  test("that is down does not matter to a request that is routed elsewhere", async () => {
    for (const [ip, port] of [
      [stage.v1.ip4, DEAD_PORT],
      ["198.18.9.9", HTTP_PORT],
    ] as const) {
      const client = await dial(stage.pod, ip, port);
      await Bun.sleep(20);
      client.send(get("/", toV2));
      expect((await answers(client, 1))[0]!.service).toBe("v2");
      client.rst();
    }
  });

  test("that is down resets the client whose request it is", async () => {
    const client = await dial(stage.pod, stage.v1.ip4, DEAD_PORT);
    client.send(get("/"));
    await client.until(({ ending }) => ending === "rst");
  });

  test("that a request is routed to and that is down resets the client after all earlier responses", async () => {
    const client = await stage.connect();
    client.countOnly().socket.pause();
    const peer = await reached(() =>
      client.send(get("/", toRaw) + get("/", toNobody, "X-Request-Id: refused")),
    );
    const response = `HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n${"r".repeat(8_000_000)}`;
    peer.send(response);
    await Bun.sleep(300);
    client.socket.resume();
    await client.until(({ ending }) => ending === "rst");
    expect(client.receivedBytes).toBe(response.length);
    const [span] = await stage.agent.spans(1, "refused");
    expect([span!.tags.error, span!.tags.remote_addr]).toEqual([true, `${stage.v2.ip4}:${DEAD_PORT}`]);
    await sidecar.logged(/WARN .*routed to 198\.18\.0\.3:8082 failed: cannot connect to 198\.18\.0\.3:8082/);
  });

  test("that a request has left is closed, and the one that follows is told nothing of it", async () => {
    const client = await stage.connect();
    const peer = await reached(() => client.send(get("/", toRaw)));
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    client.send(get("/"));
    await peer.over();
    peer.rst();
    client.send(get("/"));
    expect((await answers(client, 2)).map(({ service }) => service)).toEqual(["v1", "v1"]);
    expect(client.ending).toBe("open");
  });

  test.each([
    ["closes", (peer: Peer) => peer.fin()],
    ["resets", (peer: Peer) => peer.rst()],
  ])(
    "that %s before the first request is not missed, and dialled again when one is for it",
    async (_, end) => {
      const fickle = new Server(stage.v1, FICKLE_PORT);
      const client = await dial(stage.pod, stage.v1.ip4, FICKLE_PORT);
      end(await fickle.peer(0));
      await Bun.sleep(20);
      client.send(get("/", toV2));
      expect((await answers(client, 1))[0]!.service).toBe("v2");
      const second = await dial(stage.pod, stage.v1.ip4, FICKLE_PORT);
      end(await fickle.peer(1));
      await Bun.sleep(20);
      second.send(get("/second"));
      const again = await fickle.peer(2);
      await again.until(({ text }) => text.endsWith("\r\n\r\n"));
      again.send("HTTP/1.1 204 No Content\r\n\r\n");
      await second.until(({ text }) => text.endsWith("\r\n\r\n"));
      for (const each of [client, second]) each.rst();
      fickle.close();
    },
  );

  test("that is idle and closes, closes the client", async () => {
    const client = await stage.connect();
    const peer = await reached(() => client.send(get("/", toRaw)));
    peer.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
    await client.over();
    client.fin();
    await peer.over();
  });
});
