import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { Connection, ConnInfo } from "../../src/proxy/handler.ts";
import { ProxyError, startProxy } from "../../src/proxy/proxy.ts";
import { Peer, PeerServer } from "./peer.ts";
import { RelayBench } from "./relay-bench.ts";
import { SleepyServer } from "./sleepy-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function start(...args: ConstructorParameters<typeof RelayBench>): RelayBench {
  const bench = new RelayBench(...args);
  closers.push(() => bench.close());
  return bench;
}

function startServer(): PeerServer {
  const server = new PeerServer();
  closers.push(() => server.close());
  return server;
}

/** Connects, and waits for the reset. */
async function expectReset(port: number, hostname?: string): Promise<void> {
  const client = await Peer.connect(port, hostname);
  await client.until(({ ending }) => ending === "rst");
}

describe("a connection is reset, counted and logged once in a while", () => {
  const elsewhere = { ip: "198.18.0.9", port: 80 };

  test("when the kernel knows no original destination", async () => {
    const { proxy, log } = start(null);
    await expectReset(proxy.port);
    await expectReset(proxy.port);
    expect(proxy.counters.refused["no-original-destination"]).toBe(2);
    expect(log.lines).toEqual([expect.stringMatching(/^warn: .*127\.0\.0\.1:\d+.*no original destination/)]);
  });

  const direct: [string, string, string, string[]][] = [
    ["its own local address", "127.0.0.1", "127.0.0.1", []],
    ["its own local IPv6 address", "::1", "::1", []],
    ["another loopback address", "127.0.0.1", "127.0.0.5", []],
    ["another address of this machine", "127.0.0.1", "198.18.0.9", ["198.18.0.9"]],
  ];
  test.each(direct)("when it was made to our port at %s", async (_, connectTo, dstIp, ownIps) => {
    const { proxy, kernel, log } = start(null, { ownIps: () => new Set(ownIps) });
    kernel.dst = { ip: dstIp, port: proxy.port };
    await expectReset(proxy.port, connectTo);
    expect(proxy.counters.refused.direct).toBe(1);
    expect(log.lines).toEqual([expect.stringContaining("the proxy's own port")]);
  });

  test("but not when it goes to the same port of another machine", async () => {
    const { proxy, kernel } = start(null, { connectTimeoutMs: 1 });
    kernel.dst = { ...elsewhere, port: proxy.port };
    await expectReset(proxy.port);
    expect(proxy.counters.refused.direct).toBe(0);
  });

  test("when as many are open as may be", async () => {
    const server = startServer();
    const { proxy } = start({ ip: "127.0.0.1", port: server.port }, { maxConnections: 2 });
    const clients = [await Peer.connect(proxy.port), await Peer.connect(proxy.port)];
    await expectReset(proxy.port);
    expect([proxy.openConnections, proxy.counters.refused["over-limit"]]).toEqual([2, 1]);
    clients[0]!.rst();
    while (proxy.openConnections > 1) await Bun.sleep(1);
    const third = (await Peer.connect(proxy.port)).send("hi");
    while (server.peers.every(({ text }) => text !== "hi")) await Bun.sleep(1);
    expect(third.ending).toBe("open");
  });
});

test("a client that has reset before it is accepted does no harm", async () => {
  const { proxy, log } = start({ ip: "127.0.0.1", port: 1 });
  const reset = `Bun.connect({ hostname: "127.0.0.1", port: ${proxy.port}, socket: {
    open: (socket) => { socket.terminate(); process.exit(); }, data() {} } })`;
  Bun.spawnSync([process.execPath, "-e", reset]); // holds up our loop, so nothing is accepted meanwhile
  while (proxy.counters.accepted === 0) await Bun.sleep(1);
  expect([proxy.openConnections, log.lines]).toEqual([0, []]);
});

test.each([
  ["127.0.0.1", 4],
  ["::1", 6],
])("the handler of a client from %s learns who it is, without mapping, in family %d", async (ip, family) => {
  const server = startServer();
  const seen: ConnInfo[] = [];
  const originalDst = { ip: "127.0.0.1", port: server.port };
  const { proxy, kernel } = start(originalDst, {
    handlerFactory: (info) => {
      seen.push(info);
      return null;
    },
  });
  const client = await Peer.connect(proxy.port, ip);
  await server.first();
  expect(seen).toEqual([
    { id: 1, direction: "outbound", client: { ip, port: client.socket.localPort }, originalDst },
  ]);
  expect(kernel.families).toEqual([family as 4 | 6]);
});

test("keep-alive is set on the listener, later on upstreams, and sharper once a direction has ended", async () => {
  const server = startServer();
  const { kernel, proxy } = start({ ip: "127.0.0.1", port: server.port }, { halfClosedIdleSeconds: 1 });
  const client = await Peer.connect(proxy.port);
  await server.first();
  while (kernel.calls.length < 3) await Bun.sleep(10);
  expect(kernel.calls).toEqual([
    ["keepAlive", 300, 1, 127],
    ["backlog", 4096],
    ["keepAlive", 300, 1, 127],
  ]);
  client.fin();
  await server.peers[0]!.over();
  while (kernel.calls.length < 5) await Bun.sleep(10);
  expect(kernel.calls.slice(3)).toEqual([
    ["keepAliveIdle", 1],
    ["keepAliveIdle", 1],
  ]);
});

test("a large chunk bounds what is read of a sender in this network namespace, once, and of no other", async () => {
  const server = startServer();
  const { kernel, proxy } = start({ ip: "127.0.0.1", port: server.port });
  const client = await Peer.connect(proxy.port);
  const upstream = await server.first();
  const bounds = () => kernel.calls.filter(([name]) => name === "receiveBuffer");
  const large = new Uint8Array(1_000_000);
  upstream.send(large);
  await client.until(({ receivedBytes }) => receivedBytes === large.length);
  expect(bounds()).toEqual([]);
  client.send(large);
  await upstream.until(({ receivedBytes }) => receivedBytes === large.length);
  expect(bounds()).toEqual([["receiveBuffer", 80 * 1024]]);
});

test("an observer hears of a connection's beginning, its upstream and its end, and counts its bytes", async () => {
  const server = startServer();
  const heard: string[] = [];
  const say = (event: string, { info, state, clientBytes, upstreamBytes, isFollowed }: Connection) =>
    heard.push(`${event} ${info.id} ${state} ${clientBytes}/${upstreamBytes} ${isFollowed}`);
  const { proxy } = start(
    { ip: "127.0.0.1", port: server.port },
    {
      observers: [
        {
          opened: (connection) => void say("opened", connection),
          connected: (connection, dialMs) => void say(`connected ${dialMs >= 0}`, connection),
          closed: (connection, reason) => void say(`closed ${reason}`, connection),
        },
      ],
    },
  );
  const client = await Peer.connect(proxy.port);
  const upstream = await server.first();
  client.send("four");
  await upstream.until(({ text }) => text === "four");
  upstream.send("seven..");
  await client.until(({ text }) => text === "seven..");
  expect([...proxy.connections()].map(({ info }) => info.id)).toEqual([1]);
  client.rst();
  await upstream.until(({ ending }) => ending === "rst");
  expect(heard).toEqual([
    "opened 1 dialling 0/0 false",
    "connected true 1 dialling 0/0 false",
    "closed client-reset 1 open 4/7 false",
  ]);
  expect([...proxy.connections()]).toEqual([]);
});

test("a handler that throws costs its connection and one line in the log", async () => {
  const server = startServer();
  const { proxy, log } = start(
    { ip: "127.0.0.1", port: server.port },
    {
      handlerFactory: () => {
        throw new Error("a bug in the handler");
      },
    },
  );
  await expectReset(proxy.port);
  await expectReset(proxy.port);
  expect(log.lines).toEqual([expect.stringContaining("a bug in the handler")]);
  expect(proxy.openConnections).toBe(0);
});

test("a stopped proxy refuses new connections and carries the old ones on until they are reset", async () => {
  const server = startServer();
  const { proxy } = start({ ip: "127.0.0.1", port: server.port });
  const client = await Peer.connect(proxy.port);
  const upstream = await server.first();
  proxy.stop();
  expect(Peer.connect(proxy.port)).rejects.toThrow();
  client.send("still here");
  await upstream.until(({ text }) => text === "still here");
  proxy.resetAll();
  await client.until(({ ending }) => ending === "rst");
  await upstream.until(({ ending }) => ending === "rst");
  expect([proxy.openConnections, proxy.counters.closed.aborted]).toEqual([0, 1]);
});

test("a port in use is an error that names it", () => {
  const { proxy, options } = start(null);
  const second = startProxy({ ...options, port: proxy.port });
  expect(second).toEqual(
    new ProxyError("EADDRINUSE", `cannot listen on port ${proxy.port}: another process listens there`),
  );
});

test("a session that ends in the turn in which it is dialled gives the file of its dial back", async () => {
  const sleepy = await SleepyServer.start(10_000);
  closers.push(() => sleepy.close());
  const { proxy, kernel } = start({ ip: "127.0.0.1", port: sleepy.port });
  const { dial } = kernel;
  kernel.dial = (to, mayWait) => {
    const fd = dial(to, mayWait);
    proxy.resetAll();
    return fd;
  };
  const before = readdirSync("/proc/self/fd").length;
  await expectReset(proxy.port);
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});
