/** The whole sidecar over real sockets: the built binary behind real rules, both ends played by this process. */
import { expect } from "bun:test";
import { HTTP_PORT, OPAQUE_PORT } from "../e2e/harness.ts";
import { DIRECTIONS, type Stage } from "../e2e/stage.ts";
import type { Link } from "../e2e/wire.ts";
import type { Peer } from "../proxy/peer.ts";
import { Random } from "./random.ts";
import { cut, requests, responses } from "./streams.ts";

/** The lines that the sidecar inserts; the streams hold none of these names. */
const INSERTED = /^(X-Request-Id: [0-9a-f-]{36}|X-Source: netra|uber-trace-id: [0-9a-f:]+)\r\n/gm;

/** Opens and plays the connections that the seeds stand for, together; throws if bytes differ or an end is not passed on. */
export async function fuzzSidecar(stage: Stage, seeds: readonly number[]): Promise<void> {
  const started: Promise<void>[] = [];
  for (const seed of seeds) {
    const random = new Random(seed);
    const port = random.chance(80) ? HTTP_PORT : OPAQUE_PORT;
    // One after the other: which ends belong together shows in the order in which they come.
    const ends = await stage.connect(random.pick(DIRECTIONS), port, random.pick(["ip4", "ip6"] as const));
    started.push(converse(random, ends));
  }
  await Promise.all(started);
}

async function converse(random: Random, { client, server }: Link): Promise<void> {
  const toServer = requests(random);
  const toClient = responses(random);
  await Promise.all([play(random, client, toServer), play(random, server, toClient)]);
  if (random.chance(20)) return resetOne(random, client, server);
  client.fin();
  server.fin();
  await Promise.all([client.over(), server.over()]);
  expect(server.text.replace(INSERTED, "")).toBe(toServer);
  expect(client.text).toBe(toClient);
}

async function play(random: Random, peer: Peer, text: string): Promise<void> {
  for (const piece of cut(random, text)) {
    peer.send(piece);
    if (random.chance(10)) await Bun.sleep(random.below(3));
  }
}

/** A reset of one end is a reset of the other. */
async function resetOne(random: Random, client: Peer, server: Peer): Promise<void> {
  const [one, other] = random.chance(50) ? [client, server] : [server, client];
  one.rst();
  await other.until(({ ending }) => ending === "rst");
}
