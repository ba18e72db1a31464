/** A handler that replaces its upstream, through a real proxy and real sockets. */
import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { Connection, HandlerFactory, Relay, StreamHandler } from "../../src/proxy/handler.ts";
import { Peer, PeerServer } from "./peer.ts";
import { RelayBench } from "./relay-bench.ts";
import { SleepyServer } from "./sleepy-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Goes to the port that the client names between slashes, or where it is sent, and passes everything else on. */
class Wandering implements StreamHandler {
  readonly isUntouched = false;
  needsUpstream = true;
  lost = 0;
  passedBytes = 0;
  constructor(readonly relay: Relay) {}

  clientData(chunk: Uint8Array): void {
    const [, port, rest] = /^\/(\d+)\/(.*)$/s.exec(Buffer.from(chunk).toString("latin1")) ?? [];
    this.passedBytes += chunk.length;
    if (port === undefined) this.relay.toUpstream(chunk);
    else this.goTo(Number(port), rest!);
  }

  goTo(port: number, rest: string): void {
    const go = () => {
      this.relay.connect(port === 0 ? null : { ip: "127.0.0.1", port });
      this.relay.toUpstream(Buffer.from(rest));
      this.relay.resumeClient();
    };
    this.relay.pauseClient();
    if (this.relay.disconnect(go)) go();
  }

  clientEnd = () => this.relay.endUpstream();
  upstreamData = (chunk: Uint8Array) => this.relay.toClient(chunk);
  upstreamEnd = () => this.relay.endClient();
  upstreamLost = () => void this.lost++;
  closed(): void {}
}

function startServer(): PeerServer {
  const server = new PeerServer();
  closers.push(() => server.close());
  return server;
}

function start(dst: PeerServer, options: ConstructorParameters<typeof RelayBench>[1] = {}) {
  const handlers: Wandering[] = [];
  const handlerFactory: HandlerFactory = (_, relay) => {
    handlers.push(new Wandering(relay));
    return handlers.at(-1)!;
  };
  const bench = new RelayBench({ ip: "127.0.0.1", port: dst.port }, { handlerFactory, ...options });
  closers.push(() => bench.close());
  return { bench, handlers };
}

test("an upstream that is left sees an orderly end after all its bytes, and the next one takes its place", async () => {
  const [first, second] = [startServer(), startServer()];
  const heard: string[] = [];
  const observer = {
    opened() {},
    connected: ({ upstreamBytes }: Connection) => void heard.push(`connected after ${upstreamBytes}`),
    closed() {},
  };
  const { bench, handlers } = start(first, { observers: [observer] });
  const client = await Peer.connect(bench.proxy.port);
  const left = (await first.first()).countOnly();
  left.socket.pause();
  client.send(Buffer.alloc(8_000_000, "x"));
  left.send("answer");
  await client.until(({ text }) => text === "answer");
  await Bun.sleep(50);
  const { passedBytes } = handlers[0]!;
  handlers[0]!.goTo(second.port, "hello");
  left.socket.resume();
  await left.over();
  expect([left.receivedBytes, passedBytes > 1_000_000]).toEqual([passedBytes, true]);
  const taken = (await second.first()).countOnly();
  await taken.until(({ receivedBytes }) => receivedBytes === "hello".length + 8_000_000 - passedBytes);
  taken.send(" again").fin();
  await client.until(({ text, ending }) => text === "answer again" && ending === "fin");
  client.fin();
  await taken.over();
  await bench.idle();
  expect([bench.proxy.counters.closed.ended, heard]).toEqual([1, ["connected after 0", "connected after 6"]]);
});

test("a dial that hangs is left, and gives its file back", async () => {
  const sleepy = await SleepyServer.start(10_000);
  closers.push(() => sleepy.close());
  const server = startServer();
  const { bench } = start(server);
  bench.kernel.dst = { ip: "127.0.0.1", port: sleepy.port };
  const before = readdirSync("/proc/self/fd").length;
  const client = await Peer.connect(bench.proxy.port);
  client.send(`/${server.port}/x`);
  await (await server.first()).until(({ text }) => text === "x");
  expect(readdirSync("/proc/self/fd").length - before).toBe(4);
});

test.each([
  ["cannot be dialled", (closed: number) => `/${closed}/x`],
  ["has no address", () => "/0/x"],
])("an upstream that %s resets the client", async (_, ask) => {
  const [first, closed] = [startServer(), startServer()];
  closed.close();
  const { bench } = start(first);
  const client = await Peer.connect(bench.proxy.port);
  (await first.first()).send("earlier");
  await client.until(({ text }) => text === "earlier");
  client.send(ask(closed.port));
  await client.until(({ ending }) => ending === "rst");
  expect(bench.proxy.counters.closed["connect-failed"]).toBe(1);
});

test("an upstream that is not needed may go, and the client does not notice", async () => {
  const [first, second] = [startServer(), startServer()];
  const { bench, handlers } = start(first);
  const client = await Peer.connect(bench.proxy.port);
  const lost = await first.first();
  handlers[0]!.needsUpstream = false;
  lost.rst();
  while (handlers[0]!.lost === 0) await Bun.sleep(1);
  client.send(`/${second.port}/hello`);
  await (await second.first()).until(({ text }) => text === "hello");
  expect([client.ending, handlers[0]!.lost]).toEqual(["open", 1]);
});
