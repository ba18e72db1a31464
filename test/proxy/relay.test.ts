import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { hasEnded, unacknowledgedBytes } from "../../ffi/socket.ts";
import type { HandlerFactory, Relay, StreamHandler } from "../../src/proxy/handler.ts";
import { FakeKernel } from "../fakes/kernel.ts";
import { haveBusyTurn, haveQuietTurn } from "../fakes/turn.ts";
import { Peer, PeerServer } from "./peer.ts";
import { opaque, RelayBench } from "./relay-bench.ts";
import { RelayProcess } from "./relay-process.ts";
import { SleepyServer } from "./sleepy-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server, a proxy that leads to it, and one connection through both. */
async function connect(options: ConstructorParameters<typeof RelayBench>[1] = {}) {
  const server = new PeerServer();
  const bench = new RelayBench({ ip: "127.0.0.1", port: server.port }, options);
  closers.push(
    () => server.close(),
    () => bench.close(),
  );
  const client = await Peer.connect(bench.proxy.port);
  return { bench, client, server: await server.first() };
}

/** Passes everything on. */
class Passing implements StreamHandler {
  readonly isUntouched = false;
  readonly needsUpstream = true;
  constructor(private readonly relay: Relay) {}
  clientData = (chunk: Uint8Array) => this.relay.toUpstream(chunk);
  clientEnd = () => this.relay.endUpstream();
  upstreamData = (chunk: Uint8Array) => this.relay.toClient(chunk);
  upstreamEnd = () => this.relay.endClient();
  upstreamLost(): void {}
  closed(): void {}
}

const factories: [string, HandlerFactory][] = [
  ["opaque", opaque],
  ["with a handler", (_, relay) => new Passing(relay)],
];

describe.each(factories)("a connection through the proxy, %s", (_, handlerFactory) => {
  test("carries bytes both ways", async () => {
    const { client, server } = await connect({ handlerFactory });
    client.send("ping");
    await server.until(({ text }) => text === "ping");
    server.send("pong");
    await client.until(({ text }) => text === "pong");
  });

  test("still carries the response after the client's FIN", async () => {
    const { bench, client, server } = await connect({ handlerFactory });
    client.send("ask").fin();
    await server.until(({ ending, text }) => ending === "fin" && text === "ask");
    server.send("answer").fin();
    await client.until(({ ending, text }) => ending === "fin" && text === "answer");
    await bench.idle();
    expect(bench.proxy.counters.closed.ended).toBe(1);
  });

  test("still carries the request after the server's FIN", async () => {
    const { bench, client, server } = await connect({ handlerFactory });
    server.send("greeting").fin();
    await client.until(({ ending, text }) => ending === "fin" && text === "greeting");
    client.send("late request").fin();
    await server.until(({ ending, text }) => ending === "fin" && text === "late request");
    await bench.idle();
    expect(bench.proxy.counters.closed.ended).toBe(1);
  });

  test("passes the client's reset on as a reset", async () => {
    const { bench, client, server } = await connect({ handlerFactory });
    client.rst();
    await server.until(({ ending }) => ending === "rst");
    expect(bench.proxy.counters.closed["client-reset"]).toBe(1);
  });

  test("passes the server's reset on as a reset", async () => {
    const { bench, client, server } = await connect({ handlerFactory });
    server.rst();
    await client.until(({ ending }) => ending === "rst");
    expect(bench.proxy.counters.closed["upstream-reset"]).toBe(1);
  });

  test("passes a reset on after a FIN the same way", async () => {
    const { client, server } = await connect({ handlerFactory });
    client.fin();
    await server.over();
    client.rst();
    server.send("x");
    await server.until(({ ending }) => ending === "rst");
  });

  test("passes the server's reset on as a reset though it is looked for a FIN first", async () => {
    const server = new PeerServer();
    const dst = { ip: "127.0.0.1", port: server.port };
    const looks: boolean[] = [];
    const kernel = Object.assign(new FakeKernel(dst), {
      hasEnded(fd: number): boolean {
        server.peers[0]!.rst();
        looks.push(hasEnded(fd));
        return looks.at(-1)!;
      },
    });
    const bench = new RelayBench(dst, { handlerFactory, kernel });
    closers.push(
      () => server.close(),
      () => bench.close(),
    );
    const client = await Peer.connect(bench.proxy.port);
    const peer = await server.first();
    await haveBusyTurn();
    peer.send("answer");
    await client.until(({ ending }) => ending !== "open");
    expect([client.text, client.ending, looks]).toEqual(["answer", "rst", [false]]);
    expect(bench.proxy.counters.closed["upstream-reset"]).toBe(1);
  });

  test("passes a reset on as a reset when a write meets it first", async () => {
    const { bench, client, server } = await connect({ handlerFactory });
    server.send("last words").fin();
    client.rst();
    await server.until(({ ending }) => ending !== "open");
    expect([server.ending, bench.proxy.counters.closed["client-reset"]]).toEqual(["rst", 1]);
  });

  test("delivers everything to a reader that starts when the server is long gone", async () => {
    const { client, server } = await connect({ handlerFactory });
    client.countOnly().socket.pause();
    client.fin();
    await server.over();
    const body = Buffer.alloc(3_000_000, "abc");
    server.send(body).fin();
    await Bun.sleep(100);
    client.socket.resume();
    await client.over();
    expect([client.receivedBytes, client.hash.digest("hex")]).toEqual([body.length, md5(body)]);
  });

  test.each(["server", "client"])(
    "delivers what the %s sent before its reset to a reader that is late",
    async (from) => {
      const ends = await connect({ handlerFactory });
      const [sender, reader] = from === "server" ? [ends.server, ends.client] : [ends.client, ends.server];
      reader.countOnly().socket.pause();
      const body = Buffer.alloc(400_000, "abc");
      sender.send(body);
      const { fd } = sender.socket as unknown as { fd: number };
      while (unacknowledgedBytes(fd) > 0) await Bun.sleep(1);
      sender.rst();
      await Bun.sleep(100);
      reader.socket.resume();
      await reader.until(({ ending }) => ending !== "open");
      expect([reader.receivedBytes, reader.ending]).toEqual([body.length, "rst"]);
      expect(ends.bench.proxy.counters.closed[from === "server" ? "upstream-reset" : "client-reset"]).toBe(1);
    },
  );
});

test("an upstream sees the connection at once though the handler keeps the client's first bytes", async () => {
  const handlerFactory: HandlerFactory = (_, relay) => Object.assign(new Passing(relay), { clientData() {} });
  const waitsMs: number[] = [];
  while (waitsMs.length < 9) {
    const server = new PeerServer();
    const bench = new RelayBench({ ip: "127.0.0.1", port: server.port }, { handlerFactory });
    closers.push(
      () => server.close(),
      () => bench.close(),
    );
    const startMs = performance.now();
    const client = await Peer.connect(bench.proxy.port);
    client.send("x");
    await server.first();
    waitsMs.push(performance.now() - startMs);
  }
  // The kernel acknowledges by itself after 200 ms. A busy machine may make some of them slow, not most.
  expect(waitsMs.sort((a, b) => a - b)[4]).toBeLessThan(100);
});

test("a server that sends an answer in two packets, the second when the first is acknowledged, is not kept waiting", async () => {
  const waitsMs: number[] = [];
  while (waitsMs.length < 9) {
    const { client, server } = await connect();
    server.socket.setNoDelay(false);
    const startMs = performance.now();
    client.send("ask");
    await server.until(({ text }) => text === "ask");
    server.send("head").send("body");
    await client.until(({ text }) => text === "headbody");
    waitsMs.push(performance.now() - startMs);
  }
  // The kernel acknowledges by itself after 40 ms. A busy machine may make some of them slow, not most.
  expect(waitsMs.sort((a, b) => a - b)[4]).toBeLessThan(35);
});

test.each([
  ["at once", 5, haveQuietTurn],
  ["at the end of the turn", 5, haveBusyTurn],
  ["at once, because it is large", 40_000, haveBusyTurn],
])("what a server sent before its reset arrives though a write meets that %s", async (_, size, turn) => {
  const handlerFactory: HandlerFactory = (_, relay) =>
    Object.assign(new Passing(relay), {
      clientData(chunk: Uint8Array): void {
        server.send("answer").rst();
        relay.toUpstream(chunk);
      },
    });
  const { client, server } = await connect({ handlerFactory });
  await turn();
  client.send("x".repeat(size));
  await client.until(({ ending }) => ending !== "open");
  expect([client.text, client.ending]).toEqual(["answer", "rst"]);
});

describe("an upstream that is slow to open", () => {
  async function start(options: ConstructorParameters<typeof RelayBench>[1] = {}) {
    const server = await SleepyServer.start(500);
    const bench = new RelayBench({ ip: "127.0.0.1", port: server.port }, options);
    closers.push(
      () => server.close(),
      () => bench.close(),
    );
    return { bench, client: await Peer.connect(bench.proxy.port) };
  }

  test("gets what the client sent meanwhile, and its FIN", async () => {
    const { bench, client } = await start();
    client.send("early").fin();
    await client.until(({ ending, text }) => ending === "fin" && text === "early");
    await bench.idle();
    expect(bench.proxy.counters.closed.ended).toBe(1);
  });

  test("gets 1 MiB that the client sent meanwhile", async () => {
    const { client } = await start();
    const body = Buffer.alloc(1 << 20, "early");
    client.countOnly().send(body).fin();
    await client.over();
    expect(client.hash.digest("hex")).toBe(md5(body));
  });

  test("is given up after the connect timeout, and holds no other's place", async () => {
    const { bench, client } = await start({ connectTimeoutMs: 50, maxConnections: 1 });
    await client.until(({ ending }) => ending === "rst");
    await (await Peer.connect(bench.proxy.port)).until(({ ending }) => ending === "rst");
    const { closed, refused } = bench.proxy.counters;
    expect([closed["connect-failed"], refused["over-limit"], bench.proxy.openConnections]).toEqual([2, 0, 0]);
  });

  test("is given up when its client has left, and holds no other's place", async () => {
    const { bench, client } = await start({ maxConnections: 1 });
    client.rst();
    await bench.idle();
    expect(bench.proxy.counters.closed["client-reset"]).toBe(1);
    const later = await Peer.connect(bench.proxy.port);
    later.send("again");
    await later.until(({ text }) => text === "again");
  });
});

describe("a client is reset when its upstream", () => {
  const gone = new PeerServer();
  gone.close();
  test.each([
    ["refuses", { ip: "127.0.0.1", port: gone.port }],
    ["fails to be dialled at once", { ip: "255.255.255.255", port: 80 }],
    ["has a link-local address, which needs a zone", { ip: "fe80::1", port: 80 }],
  ])("%s", async (_, originalDst) => {
    const bench = new RelayBench(originalDst, { maxConnections: 1 });
    closers.push(() => bench.close());
    for (const _ of [1, 2]) {
      const client = await Peer.connect(bench.proxy.port).catch(() => null);
      await client?.until(({ ending }) => ending === "rst");
    }
    const { closed, refused } = bench.proxy.counters;
    expect([closed["connect-failed"], refused["over-limit"], bench.proxy.openConnections]).toEqual([2, 0, 0]);
  });
});

describe("a proxy in its own process", () => {
  async function start() {
    const server = new PeerServer((peer) => peer.countOnly().finBack());
    const relay = await RelayProcess.start(server.port);
    closers.push(
      () => server.close(),
      () => relay.close(),
    );
    return { server, relay };
  }

  test("carries 64 MiB each way at once past readers that stall, in bounded memory and without work", async () => {
    const { server, relay } = await start();
    const [up, down] = [Buffer.alloc(64 << 20, "up and "), Buffer.alloc(64 << 20, "down, ")];
    const client = (await Peer.connect(relay.port)).countOnly();
    const upstream = await server.first();
    const before = relay.anonymousBytes;
    for (const peer of [client, upstream]) peer.socket.pause();
    client.send(up).fin();
    upstream.send(down).fin();
    await Bun.sleep(300);
    const ticks = relay.cpuTicks;
    await Bun.sleep(700);
    expect(relay.cpuTicks - ticks).toBeLessThan(20);
    for (const peer of [client, upstream]) peer.socket.resume();
    await client.over();
    await upstream.over();
    expect(relay.anonymousBytes - before).toBeLessThan(32 << 20);
    expect([upstream.hash.digest("hex"), client.hash.digest("hex")]).toEqual([md5(up), md5(down)]);
  }, 20_000);

  test("has as many descriptors after 2000 connections of every fate as before", async () => {
    const { relay } = await start();
    const fates: ((client: Peer) => unknown)[] = [
      (client) => client.send("x").fin(), // and waits for the answer
      (client) => client.rst(),
      (client) => client.send("x").rst(),
      (client) => client.socket.end(),
    ];
    const before = relay.openFds;
    for (let round = 0; round < 50; round++) {
      const clients = await Promise.all(Array.from({ length: 40 }, () => Peer.connect(relay.port)));
      for (const [index, client] of clients.entries()) fates[index % fates.length]!(client);
      await Promise.all(
        clients.filter((_, index) => index % fates.length === 0).map((client) => client.over()),
      );
    }
    while (relay.openFds > before) await Bun.sleep(10);
    expect(relay.openFds).toBe(before);
  }, 20_000);
});

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
