import { afterEach, expect, test } from "bun:test";
import { NatWatch } from "../../src/proxy/nat-watch.ts";
import { Peer, PeerServer } from "./peer.ts";
import { RelayBench } from "./relay-bench.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function watch(dst: RelayBench["kernel"]["dst"], ownIp: string | null = "127.0.0.1") {
  const bench = new RelayBench(dst);
  closers.push(bench.close);
  return { ...bench, bench, nat: new NatWatch(bench.proxy, () => ownIp) };
}

test("NAT is seen where a connection of our own to ourselves has an original destination", async () => {
  const { nat, proxy, kernel, log } = watch({ ip: "127.0.0.1", port: 0 });
  kernel.dst = { ip: "127.0.0.1", port: proxy.port };
  expect(await nat.sees()).toBe(true);
  expect([proxy.openConnections, log.lines]).toEqual([0, []]);
});

test("NAT is seen where it came later, and then believed", async () => {
  const { nat, proxy, kernel } = watch(null);
  expect([await nat.sees(), await nat.sees()]).toEqual([false, false]);
  kernel.dst = { ip: "127.0.0.1", port: proxy.port };
  expect(await nat.sees()).toBe(true);
  kernel.dst = null;
  expect(await nat.sees()).toBe(true);
});

test("NAT is seen where a connection was redirected here, also when that is over", async () => {
  const server = new PeerServer();
  closers.push(() => server.close());
  const { nat, proxy, bench } = watch({ ip: "127.0.0.1", port: server.port }, null);
  expect(await nat.sees()).toBe(false);
  const peer = await Peer.connect(proxy.port);
  await server.first();
  expect(await nat.sees()).toBe(true);
  peer.rst();
  await bench.idle();
  expect(await new NatWatch(proxy, () => null).sees()).toBe(true);
});

test("many who ask at once cost one connection", async () => {
  const { nat, proxy } = watch(null);
  expect(await Promise.all([nat.sees(), nat.sees(), nat.sees()])).toEqual([false, false, false]);
  expect(proxy.counters.accepted).toBe(1);
});
