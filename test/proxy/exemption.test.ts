import { afterEach, expect, test } from "bun:test";
import { type Exemption, proveExemption } from "../../src/proxy/exemption.ts";
import type { RunningProxy } from "../../src/proxy/proxy.ts";
import { PeerServer } from "./peer.ts";
import { RelayBench } from "./relay-bench.ts";
import { SleepyServer } from "./sleepy-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** What conntrack would say of the connections that arrive, and what is behind the probe port. */
const rows: [label: string, hasNat: boolean, probe: "closed" | "open" | "proxy", Exemption][] = [
  ["proved where a NAT rule is loaded and the probe is refused", true, "closed", "proved"],
  ["proved where a NAT rule is loaded and the probe reaches its port", true, "open", "proved"],
  ["disproved where the probe arrives at the proxy", true, "proxy", "intercepted"],
  ["unproved where no NAT rule is loaded", false, "closed", "unproved"],
];
test.each(rows)("an exemption is %s", async (_, hasNat, probe, expected) => {
  const server = new PeerServer();
  const { proxy, kernel, log, close } = new RelayBench(null);
  closers.push(() => server.close(), close);
  if (hasNat) kernel.dst = { ip: "127.0.0.1", port: proxy.port };
  if (probe === "closed") server.close();
  const probePort = probe === "proxy" ? proxy.port : server.port;
  expect(await proveExemption(proxy, "127.0.0.1", probePort)).toBe(expected);
  expect([proxy.openConnections, log.lines]).toEqual([0, []]);
});

test("an exemption is unproved, and the loop guard stays, where nothing is seen of the probe", async () => {
  const silent = await SleepyServer.start(5000);
  const { proxy, kernel, close } = new RelayBench({ ip: "127.0.0.1", port: 1 });
  closers.push(() => silent.close(), close);
  kernel.dst = { ip: "127.0.0.1", port: proxy.port };
  let trusted = 0;
  const watched: RunningProxy = { ...proxy, trustExemption: () => trusted++ };
  expect([await proveExemption(watched, "127.0.0.1", silent.port), trusted]).toEqual(["unproved", 0]);
  silent.close();
  const gone = new PeerServer();
  gone.close();
  expect([await proveExemption(watched, "127.0.0.1", gone.port), trusted]).toEqual(["proved", 1]);
});

test("an exemption cannot be tested without an address of our own", async () => {
  const { proxy, close } = new RelayBench(null);
  closers.push(close);
  expect(await proveExemption(proxy, null, 14958)).toBe("untestable");
  expect(proxy.counters.accepted).toBe(0);
});
