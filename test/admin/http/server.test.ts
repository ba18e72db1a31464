import { afterEach, describe, expect, test } from "bun:test";
import { text } from "../../../src/admin/http/answer.ts";
import { type HttpServer, ListenError, serveHttp } from "../../../src/admin/http/server.ts";
import { eventually } from "../../e2e/harness.ts";
import { Peer } from "../../proxy/peer.ts";
import { BOUNDS, exchange, serveOn } from "./visitor.ts";

const GET = "GET / HTTP/1.1\r\n\r\n";
const LARGE = "x".repeat(32 * 1024 * 1024);

const servers: HttpServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

function serve(...args: Parameters<typeof serveOn>) {
  const running = serveOn(...args);
  servers.push(running.server);
  return running;
}

const hello = () => text(200, "hello");

function holds(server: HttpServer, connections: number): Promise<void> {
  return eventually(
    () => server.openConnections === connections,
    () => `${server.openConnections} connections, not ${connections}`,
  );
}

describe("an answer", () => {
  test("is whole, says its length and that it is the last", async () => {
    const { server } = serve({ handler: hello });
    expect(await exchange(server, GET)).toBe(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\nCache-Control: no-store\r\n" +
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nhello\n",
    );
    await holds(server, 0);
  });

  test("to HEAD is that to GET without its body", async () => {
    const { server } = serve({ handler: hello });
    const whole = await exchange(server, GET);
    expect(await exchange(server, "HEAD / HTTP/1.1\r\n\r\n")).toBe(whole.slice(0, -"hello\n".length));
  });

  test("arrives in full, however large, also where the client still sends", async () => {
    const { server } = serve({ handler: () => text(200, LARGE) });
    const received = await exchange(server, `${GET}${GET.repeat(10_000)}`);
    expect(received.length).toBeGreaterThan(LARGE.length);
    expect(received.endsWith("xx\n")).toBe(true);
  });

  test("may come later, also to a client that has ended its side", async () => {
    const { server } = serve({ handler: () => Bun.sleep(20).then(hello) });
    const peer = (await Peer.connect(server.port)).send(GET).fin();
    await peer.over();
    expect(peer.text).toEndWith("hello\n");
  });

  test("is one, whatever follows the request", async () => {
    const { server } = serve({ handler: hello });
    expect((await exchange(server, GET.repeat(1000))).match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  test("to what is no request is the reason", async () => {
    const { server } = serve({ handler: hello });
    expect(await exchange(server, "\x16\x03\x01")).toStartWith("HTTP/1.1 400 Bad Request\r\n");
  });

  test.each<[string, () => never | Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("a bug");
      },
    ],
    ["rejects", () => Promise.reject(new Error("a bug"))],
  ])("of a handler that %s is 500, and the bug is reported", async (_, handler) => {
    const { server, bugs } = serve({ handler });
    expect(await exchange(server, GET)).toStartWith("HTTP/1.1 500 Internal Server Error\r\n");
    expect(bugs).toEqual(["a bug"]);
  });
});

describe("a handler hears", () => {
  test("who asks", async () => {
    const { server } = serve({ handler: (_, { ip, isLocal }) => text(200, `${ip} ${isLocal}`) });
    expect(await exchange(server, GET)).toEndWith("\r\n\r\n127.0.0.1 true\n");
  });

  test.each<[string, (peer: Peer) => void]>([
    ["ends its side", (peer) => peer.fin()],
    ["resets", (peer) => peer.rst()],
  ])("that its client has gone: it %s", async (_, leave) => {
    const left = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { server } = serve({
      handler: (_, { gone }) => {
        gone.addEventListener("abort", () => left.resolve());
        asked.resolve();
        return left.promise.then(hello);
      },
    });
    const peer = (await Peer.connect(server.port)).send(GET);
    await asked.promise;
    leave(peer);
    await left.promise;
    peer.fin();
    await holds(server, 0);
  });
});

describe("nobody keeps a place for long:", () => {
  test("who does not ask in time is reset, however many bytes come", async () => {
    const { server } = serve({ handler: hello, readMs: 100 });
    const silent = await Peer.connect(server.port);
    const slow = (await Peer.connect(server.port)).send("GET / HTTP/1.1\r\nX: ");
    const drip = setInterval(() => slow.send("x"), 10);
    for (const peer of [silent, slow]) await peer.until(({ ending }) => ending === "rst");
    clearInterval(drip);
    expect([silent.text, slow.text]).toEqual(["", ""]);
  });

  test("who does not read in time is reset", async () => {
    const { server } = serve({ handler: () => text(200, LARGE), sendMs: 100 });
    const peer = (await Peer.connect(server.port)).send(GET);
    peer.socket.pause();
    await holds(server, 0);
  });

  test("who does not close is reset after a second", async () => {
    const { server } = serve({ handler: hello });
    const peer = (await Peer.connect(server.port)).send(GET);
    await peer.over();
    await holds(server, 0);
  });

  test("who ends before asking is reset", async () => {
    const { server } = serve({ handler: hello });
    const peer = (await Peer.connect(server.port)).send("GET / HT").fin();
    await peer.until(({ ending }) => ending !== "open");
    await holds(server, 0);
  });
});

describe("beyond the limit of connections", () => {
  test("the oldest silent one makes place, and who asks is answered", async () => {
    const { server } = serve({ handler: hello, maxConnections: 3 });
    const silent: Peer[] = [];
    for (let i = 0; i < 3; i++) silent.push(await Peer.connect(server.port));
    await holds(server, 3);
    const peer = (await Peer.connect(server.port)).send(GET);
    await peer.over();
    await silent[0]!.until(({ ending }) => ending === "rst");
    expect(silent.map(({ ending }) => ending)).toEqual(["rst", "open", "open"]);
    expect(peer.text).toEndWith("hello\n");
  });

  test("who reads slowly makes place where nobody is silent", async () => {
    const { server } = serve({ handler: () => text(200, LARGE), maxConnections: 2 });
    for (let i = 0; i < 2; i++) {
      const peer = (await Peer.connect(server.port)).send(GET);
      await peer.until(({ receivedBytes }) => receivedBytes > 0);
      peer.socket.pause();
    }
    expect((await exchange(server, GET)).length).toBeGreaterThan(LARGE.length);
  });

  test("the newest is reset where all wait for their answers, which come", async () => {
    const answered = Promise.withResolvers<void>();
    const { server } = serve({ handler: () => answered.promise.then(hello), maxConnections: 2 });
    const waiting = [await Peer.connect(server.port), await Peer.connect(server.port)];
    for (const peer of waiting) peer.send(GET);
    await holds(server, 2);
    await Bun.sleep(20);
    const newest = await Peer.connect(server.port);
    await newest.until(({ ending }) => ending === "rst");
    answered.resolve();
    for (const peer of waiting) expect((await peer.over()).text).toEndWith("hello\n");
  });

  test("many at once cost no more than the limit, and the port works afterwards", async () => {
    const { server } = serve({ handler: hello, maxConnections: 4 });
    const crowd = await Promise.all(
      Array.from({ length: 200 }, () => Peer.connect(server.port).catch(() => null)),
    );
    expect(server.openConnections).toBeLessThanOrEqual(4);
    expect(await exchange(server, GET)).toEndWith("hello\n");
    for (const peer of crowd) peer?.rst();
    await holds(server, 0);
  });
});

describe("beyond the limit of answers in memory", () => {
  /** Waits until some of its answer has come, and reads no more. */
  async function readSlowly(server: HttpServer): Promise<Peer> {
    const peer = (await Peer.connect(server.port)).send(GET);
    await peer.until(({ receivedBytes }) => receivedBytes > 0);
    peer.socket.pause();
    return peer;
  }

  test("the oldest slow reader is reset, the newest gets all", async () => {
    const { server } = serve({ handler: () => text(200, LARGE), maxUnsentBytes: 1.5 * LARGE.length });
    await readSlowly(server);
    const newest = await readSlowly(server);
    await holds(server, 1);
    newest.socket.resume();
    await newest.over();
    expect(newest.receivedBytes).toBeGreaterThan(LARGE.length);
  });

  test("who is alone gets all, however large", async () => {
    const { server } = serve({ handler: () => text(200, LARGE), maxUnsentBytes: 1 });
    expect((await exchange(server, GET)).length).toBeGreaterThan(LARGE.length);
  });

  test("an answer that the kernel takes at once costs nobody anything", async () => {
    const { server } = serve({
      handler: ({ path }) => text(200, path === "/" ? LARGE : "small"),
      maxUnsentBytes: 1,
    });
    await readSlowly(server);
    expect(await exchange(server, GET.replace("/", "/small"))).toEndWith("small\n");
    expect(server.openConnections).toBeGreaterThan(0);
  });
});

test("an address that connects too often in a second is reset, until the next second", async () => {
  const { server } = serve({ handler: hello, maxPerSecond: 3 });
  const visit = () => exchange(server, GET).catch(() => "reset");
  const first = [await visit(), await visit(), await visit()];
  expect(first.every((answer) => answer.endsWith("hello\n"))).toBe(true);
  expect(await visit()).toBe("reset");
  await Bun.sleep(1000);
  expect(await visit()).toEndWith("hello\n");
});

test("fewer wait to be accepted than Bun would let", () => {
  const backlogs: number[] = [];
  serve({ handler: hello, setBacklog: (fd, length) => void backlogs.push(Math.sign(fd), length) });
  expect(backlogs).toEqual([1, 128]);
});

describe("listening fails with a reason", () => {
  test("where somebody listens already", () => {
    const { server } = serve({ handler: hello });
    const options = { ...BOUNDS, handler: hello, onBug: () => {} };
    const second = serveHttp({ ...options, ip: "127.0.0.1", port: server.port });
    expect(second).toEqual(new ListenError("another process listens there"));
  });

  test("at an address of another machine", () => {
    const options = { ...BOUNDS, handler: hello, onBug: () => {} };
    const second = serveHttp({ ...options, ip: "198.51.100.1", port: 0 });
    expect(second).toEqual(new ListenError("this machine does not have that address"));
  });
});

test("without an address it listens on all, of both families", async () => {
  const { server } = serve({ handler: (_, { ip }) => text(200, ip), ip: null });
  for (const ip of ["127.0.0.1", "::1"]) {
    const peer = (await Peer.connect(server.port, ip)).send(GET);
    expect((await peer.over()).text).toEndWith(`\r\n\r\n${ip}\n`);
  }
});
