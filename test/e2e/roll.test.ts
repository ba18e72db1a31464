/**
 * A rollout under load: a service has two instances, each behind its sidecar; one sidecar is told to end while clients
 * go on. They ask each instance whether it is ready, as a load balancer does, and open new connections to those that
 * are. No request may fail, and the sidecar ends in good order.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { ask } from "./asking.ts";
import { HTTP_PORT, METRICS_PORT, openLab, type Sidecar, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const GRACE_MS = 1000;
const POLL_MS = 100;
const CLIENTS = 8;
const REQUESTS_PER_CONNECTION = 5;

interface Instance {
  readonly pod: Pod;
  readonly sidecar: Sidecar;
  readonly server: Server;
  isReady: boolean;
}

let lab: Lab;
let caller: Pod;
let instances: Instance[];
beforeAll(async () => {
  lab = openLab("roll");
  caller = lab.pod("caller");
  instances = await Promise.all(["a", "b"].map(startInstance));
});
afterAll(() => {
  for (const { server } of instances) server.close();
  lab.close();
});

async function startInstance(name: string): Promise<Instance> {
  const pod = lab.pod(name);
  const sidecar = await startMeshed(pod, { env: { NETRA_DRAIN_GRACE_MILLISECONDS: String(GRACE_MS) } });
  await pod.waitForPort(METRICS_PORT);
  return {
    pod,
    sidecar,
    server: new Server(pod, HTTP_PORT, (peer) => void serve(peer, name)),
    isReady: true,
  };
}

/** An application that answers each request with its name, a little later. */
async function serve(peer: Peer, name: string): Promise<void> {
  peer.finBack();
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`;
  for (let served = 0; peer.ending === "open"; served++) {
    const arrived = () => peer.text.split("\r\n\r\n").length - 1;
    await peer.until(({ ending }) => arrived() > served || ending !== "open");
    await Bun.sleep(5);
    if (arrived() > served) peer.send(answer);
  }
}

async function pollReadiness(instance: Instance, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const reply = await ask(caller, instance.pod.ip4, METRICS_PORT, "GET /ready").catch(() => null);
    instance.isReady = reply?.status === 200;
    await Bun.sleep(POLL_MS);
  }
}

interface Tally {
  readonly served: Record<string, number>;
  readonly failures: string[];
}

/** One client: a connection for a few requests, then another. An instance that is not ready loses it sooner. */
async function call(tally: Tally, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const ready = instances.filter(({ isReady }) => isReady);
    const instance = ready[Math.floor(Math.random() * ready.length)]!;
    const peer = await dial(caller, instance.pod.ip4, HTTP_PORT).catch(() => null);
    if (peer === null) tally.failures.push(`no connection to ${instance.pod.namespace}`);
    else await useConnection(peer, instance, tally, stop);
  }
}

async function useConnection(peer: Peer, instance: Instance, tally: Tally, stop: AbortSignal): Promise<void> {
  for (let i = 1; i <= REQUESTS_PER_CONNECTION && instance.isReady && !stop.aborted; i++) {
    peer.send("GET / HTTP/1.1\r\nHost: service\r\n\r\n");
    const answers = () => peer.text.split("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
    await peer.until(({ ending }) => answers()[i]?.length === 1 || ending !== "open");
    const name = answers()[i];
    if (name?.length === 1) tally.served[name] = (tally.served[name] ?? 0) + 1;
    else tally.failures.push(`request ${i} of a connection: ${peer.ending} ${JSON.stringify(peer.text)}`);
  }
  peer.fin();
  await peer.over();
}

test("no request fails while a sidecar is told to end, and it exits 0", async () => {
  const stop = new AbortController();
  const tally: Tally = { served: {}, failures: [] };
  const [a, b] = instances as [Instance, Instance];
  const work = [
    ...instances.map((instance) => pollReadiness(instance, stop.signal)),
    ...Array.from({ length: CLIENTS }, () => call(tally, stop.signal)),
  ];
  await Bun.sleep(500);
  const { served } = tally;
  const atSignal = { ...served };
  a.sidecar.signal("SIGTERM");
  await a.sidecar.logged(/draining/);
  expect(await a.sidecar.exited).toBe(0);
  const atExit = { ...served };
  await Bun.sleep(300);
  stop.abort();
  await Promise.all(work);
  expect(tally.failures).toEqual([]);
  // It served before the signal and after it, and then only the other one did.
  expect(atSignal.a).toBeGreaterThan(0);
  expect(atExit.a).toBeGreaterThan(atSignal.a!);
  expect(served.a).toBe(atExit.a!);
  expect(served.b).toBeGreaterThan(atExit.b!);
  expect(a.sidecar.log).not.toContain("aborted");
  expect(b.sidecar.hasExited).toBe(false);
});
