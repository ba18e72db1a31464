/** Every connection must come out where it was going, however many come at once. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { openLab, type Sidecar, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const CONNECTIONS = 2000;
const AT_ONCE = 100;
const PORTS = [9001, 9002];

let lab: Lab;
let pod: Pod;
let outside: Pod;
let sidecar: Sidecar;
let servers: Server[];

beforeAll(async () => {
  lab = openLab("landing");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  servers = [pod, outside].flatMap((place) =>
    PORTS.map((port) => new Server(place, port, (peer) => peer.finBack().send(`${port}`))),
  );
  sidecar = await startMeshed(pod);
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});

async function landsOn(from: Pod, ip: string, port: number): Promise<string> {
  const client = await dial(from, ip, port);
  await client.fin().over();
  return client.text;
}

test.each([
  ["inbound", () => [outside, pod.ip4, pod.ip6] as const],
  ["outbound", () => [pod, outside.ip4, outside.ip6] as const],
])("each of 2000 %s connections over two ports and two families lands on its own port", async (_, place) => {
  const [from, ...ips] = place();
  const files = sidecar.files;
  const wrong: string[] = [];
  for (let done = 0; done < CONNECTIONS; done += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, async (_, i) => {
      const port = PORTS[i % 2]!;
      const landed = await landsOn(from, ips[(i >> 1) % 2]!, port);
      if (landed !== `${port}`) wrong.push(`${port} on ${landed}`);
    });
    await Promise.all(batch);
  }
  expect(wrong).toEqual([]);
  await sidecar.keeps(files);
});
