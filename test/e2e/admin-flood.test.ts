/** Whoever floods the sidecar's own ports gets little for it, and the traffic does not notice. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { ask } from "./asking.ts";
import { METRICS_PORT, PPROF_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { Stage } from "./stage.ts";
import { dial } from "./wire.ts";

setDefaultTimeout(3 * TEST_TIMEOUT_MS);

const LOOPBACK = "127.0.0.1";
const EXCHANGES = 200;
const CROWD = 66;
/** What both ports may hold, as the README says, and the four sockets of two relayed connections. */
const MOST_FILES = 16 + 8 + 2 * 12 + 4;

let stage: Stage;
beforeAll(async () => {
  const probes = { "db/liveness": { port: 1 }, "db/readiness": { port: 2 } };
  stage = await Stage.open("flood", { NETRA_APP_PROBES: JSON.stringify(probes) });
  await stage.pod.waitForPort(PPROF_PORT);
});
afterAll(() => stage.close());

const HUGE_QUERY = `GET /metrics?${"q".repeat(7000)} HTTP/1.1\r\n\r\n`;
const HUGE_BODY = `PUT /log-level HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n${"b".repeat(20_000)}`;
const GARBAGE = Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 37) % 256)).toString("latin1");

/** What a connection can do to annoy. */
const NUISANCES: readonly ((peer: Peer) => void)[] = [
  () => {},
  (peer) => peer.send("GET / HTTP/1.1\r\nX: "),
  (peer) => peer.send(HUGE_QUERY),
  (peer) => peer.send(`GET / HTTP/1.1\r\nX: ${"x".repeat(100_000)}`),
  (peer) => peer.send(HUGE_BODY),
  (peer) => peer.send(GARBAGE),
  (peer) => peer.send("DELETE / HTTP/1.1\r\n\r\n"),
  (peer) => peer.send("GET /metrics HTTP/1.1\r\n\r\n".repeat(500)),
  (peer) => peer.send("GET /app-health/db/liveness HTTP/1.1\r\n\r\n"),
  (peer) => peer.send("GET /debug/pprof/profile?seconds=60 HTTP/1.1\r\n\r\n"),
  (peer) => peer.send("GET /metrics HTTP/1.1\r\n\r\n").rst(),
];

/** Many connections that do all of that, again and again until stopped. */
async function flood(from: Pod, ip: string, port: number, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const crowd = Array.from({ length: CROWD }, () => dial(from, ip, port).catch(() => null));
    const peers = (await Promise.all(crowd)).filter((peer) => peer !== null);
    for (const [i, peer] of peers.entries()) {
      if (peer.ending === "open") NUISANCES[i % NUISANCES.length]!(peer);
    }
    await Bun.sleep(10);
    for (const peer of peers) peer.rst();
  }
}

/** Relayed requests one after the other, each answered with what it asked for. */
async function relay(direction: "inbound" | "outbound"): Promise<number> {
  const { client, server } = await stage.connect(direction);
  for (let i = 0; i < EXCHANGES; i++) {
    client.send(`GET /${i}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await server.until(({ text }) => text.includes(`GET /${i}/ `) && text.endsWith("\r\n\r\n"));
    server.send(`HTTP/1.1 200 OK\r\nX-Number: ${i}\r\nContent-Length: 0\r\n\r\n`);
    await client.until(({ text }) => text.endsWith(`X-Number: ${i}\r\nContent-Length: 0\r\n\r\n`));
  }
  const answered = client.text.split("HTTP/1.1 200 OK").length - 1;
  client.rst();
  return answered;
}

async function mostFiles(stop: AbortSignal): Promise<number> {
  let most = 0;
  for (; !stop.aborted; await Bun.sleep(5)) most = Math.max(most, stage.sidecar.files);
  return most;
}

test("while both ports are flooded every relayed request is served, and afterwards the ports answer", async () => {
  const { pod, outside, sidecar } = stage;
  const filesBefore = sidecar.files;
  const stop = new AbortController();
  const floods = [
    flood(outside, pod.ip4, METRICS_PORT, stop.signal),
    flood(pod, LOOPBACK, PPROF_PORT, stop.signal),
  ];
  const files = mostFiles(stop.signal);
  const answered = await Promise.all([relay("inbound"), relay("outbound")]);
  stop.abort();
  await Promise.all(floods);
  expect(answered).toEqual([EXCHANGES, EXCHANGES]);
  expect((await files) - filesBefore).toBeLessThanOrEqual(MOST_FILES);
  // Who flooded a moment ago is still refused, nobody else is.
  const kubelet = stage.lab.pod("kubelet");
  expect(await ask(kubelet, pod.ip4, METRICS_PORT, "GET /ready")).toMatchObject({ status: 200 });
  await Bun.sleep(1000);
  expect(await ask(outside, pod.ip4, METRICS_PORT, "GET /ready")).toMatchObject({ status: 200 });
  expect(await ask(pod, LOOPBACK, PPROF_PORT, "GET /log-level")).toMatchObject({ body: "info\n" });
  await sidecar.keeps(filesBefore);
  expect(sidecar.log).not.toContain("ERROR");
});
