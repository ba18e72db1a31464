/** Which connections reach the sidecar, and where they come out: interception.md's table in the flesh. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import {
  HTTP_PORT,
  METRICS_PORT,
  OPAQUE_PORT,
  openLab,
  PPROF_PORT,
  PROXY_PORT,
  type Sidecar,
  startMeshed,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { fateOf, link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const SECOND_IP4 = "198.18.0.200";
const SECOND_IP6 = "fd00::200";
const LOOPBACK_IP4 = "198.18.77.77";

let lab: Lab;
let pod: Pod;
let outside: Pod;
let sidecar: Sidecar;
const servers: Server[] = [];
let application: Server;
let remote: Server;

function serve(place: Pod, port: number): Server {
  const server = new Server(place, port);
  servers.push(server);
  return server;
}

beforeAll(async () => {
  lab = openLab("intercept");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  pod.addIp(`${SECOND_IP4}/15`);
  pod.addIp(`${SECOND_IP6}/64`);
  pod.addIp(LOOPBACK_IP4, "lo");
  application = serve(pod, OPAQUE_PORT);
  remote = serve(outside, OPAQUE_PORT);
  // Its own two ports are elsewhere than init thinks, so that others can listen there.
  sidecar = await startMeshed(pod, { env: { NETRA_PPROF_PORT: "15957", NETRA_PROMETHEUS_PORT: "15958" } });
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});

/** Whether the sidecar has a socket of the connection: an intercepted one costs it two. */
async function isRelayed(from: Pod, ip: string, port: number, server: Server): Promise<boolean> {
  const before = sidecar.files;
  const { client, server: peer } = await link(from, ip, port, server);
  client.send("ping");
  await peer.until(({ text }) => text === "ping");
  peer.send("pong");
  await client.until(({ text }) => text === "pong");
  const held = sidecar.files - before;
  client.rst();
  await peer.until(({ ending }) => ending === "rst");
  await sidecar.keeps(before);
  expect([0, 2]).toContain(held);
  return held === 2;
}

test("the sidecar says who it runs as, and has nothing to complain about", async () => {
  await sidecar.logged(/listens on port 14956 as uid 1337 gid 1337/);
  expect(sidecar.log).not.toContain("exempt");
});

describe("a connection is relayed", () => {
  const inbound: [string, () => string][] = [
    ["an IPv4 address", () => pod.ip4],
    ["an IPv6 address", () => pod.ip6],
    ["a secondary IPv4 address", () => SECOND_IP4],
    ["a secondary IPv6 address", () => SECOND_IP6],
    ["an address on lo", () => LOOPBACK_IP4],
  ];
  test.each(inbound)("from outside to %s of the pod", async (_, ip) => {
    expect(await isRelayed(outside, ip(), OPAQUE_PORT, application)).toBe(true);
  });

  test.each(["ip4", "ip6"] as const)("from the application to another pod's %s", async (family) => {
    expect(await isRelayed(pod, outside[family], OPAQUE_PORT, remote)).toBe(true);
  });

  test.each(["ip4", "ip6"] as const)("from the application to its own pod's %s, once", async (family) => {
    expect(await isRelayed(pod, pod[family], OPAQUE_PORT, application)).toBe(true);
  });
});

describe("a connection is not intercepted", () => {
  test.each(["127.0.0.1", "127.0.0.5", "::1"])("from the application to %s", async (ip) => {
    expect(await isRelayed(pod, ip, OPAQUE_PORT, application)).toBe(false);
  });

  test.each([PPROF_PORT, METRICS_PORT])("from outside to the sidecar's own port %i", async (port) => {
    const server = serve(pod, port);
    expect(await isRelayed(outside, pod.ip4, port, server)).toBe(false);
    expect(await isRelayed(outside, pod.ip6, port, server)).toBe(false);
  });
});

describe("a direct connection to the proxy's port is reset and never dialled", () => {
  const targets: [string, () => [Pod, string]][] = [
    ["from outside, IPv4", () => [outside, pod.ip4]],
    ["from outside, IPv6", () => [outside, pod.ip6]],
    ["from outside, to a secondary address", () => [outside, SECOND_IP4]],
    ["from inside, to 127.0.0.1", () => [pod, "127.0.0.1"]],
    ["from inside, to 127.0.0.5", () => [pod, "127.0.0.5"]],
    ["from inside, to ::1", () => [pod, "::1"]],
    ["from inside, to its own IPv4 address", () => [pod, pod.ip4]],
    ["from inside, to its own IPv6 address", () => [pod, pod.ip6]],
    ["from inside, to its own secondary address", () => [pod, SECOND_IP4]],
    ["from inside, to its own address on lo", () => [pod, LOOPBACK_IP4]],
  ];
  test.each(targets)("%s", async (_, target) => {
    const [from, ip] = target();
    const before = sidecar.files;
    for (let i = 0; i < 20; i++) expect(await fateOf(from, ip, PROXY_PORT)).toBe("rst");
    await sidecar.keeps(before);
  });

  test("and the sidecar says so without repeating itself for each", () => {
    const lines = sidecar.log.split("\n").filter((line) => line.includes("the proxy's own port"));
    expect(lines.length).toBeGreaterThanOrEqual(1);
    expect(lines.length).toBeLessThan(20);
  });
});

test("an application may still call another pod's proxy port", async () => {
  const server = serve(outside, PROXY_PORT);
  expect(await isRelayed(pod, outside.ip4, PROXY_PORT, server)).toBe(true);
});

describe("where nobody listens", () => {
  const refusals: [string, () => [Pod, string, number]][] = [
    ["in the pod, an opaque port", () => [outside, pod.ip4, 1]],
    ["in the pod, an HTTP port", () => [outside, pod.ip6, HTTP_PORT]],
    ["in another pod, an opaque port", () => [pod, outside.ip6, 1]],
    ["in another pod, an HTTP port", () => [pod, outside.ip4, HTTP_PORT]],
  ];
  test.each(refusals)("the client is reset: %s", async (_, target) => {
    expect(await fateOf(...target())).toBe("rst");
  });

  test("the client is reset also when it has sent a request", async () => {
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    expect(await fateOf(outside, pod.ip4, HTTP_PORT, request)).toBe("rst");
  });
});
