/** Tracing may fail in any way it likes: the traffic must not notice. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { Agent, tracing } from "./agent.ts";
import { expectReceived, INSERTED } from "./expected.ts";
import { HTTP_PORT, openLab, type Sidecar, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const EXCHANGES = 50;
const EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

let lab: Lab;
let outside: Pod;
let pods = 0;
beforeAll(() => {
  lab = openLab("agent");
  outside = lab.pod("outside");
});
afterAll(() => lab.close());

/** A meshed pod with a server, and how to exchange with it. */
class Meshed {
  readonly pod: Pod = lab.pod(`pod${++pods}`);
  readonly #server = new Server(this.pod, HTTP_PORT);
  sidecar!: Sidecar;

  static async start(env: Record<string, string>): Promise<Meshed> {
    const meshed = new Meshed();
    meshed.sidecar = await startMeshed(meshed.pod, { env: { ...tracing, ...env } });
    return meshed;
  }

  /** A few exchanges on one connection, each of which must go as it should. */
  async exchange(path = "/", inserted = INSERTED.inbound): Promise<void> {
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
    const { client, server } = await link(outside, this.pod.ip4, HTTP_PORT, this.#server);
    for (let i = 1; i <= EXCHANGES; i++) {
      client.send(`${head}\r\n`);
      await expectReceived(server, `${head}${inserted}\r\n`.repeat(i));
      server.send(EMPTY);
      await client.until(({ text }) => text === EMPTY.repeat(i));
    }
    client.fin();
    await server.over();
    server.fin();
    await client.over();
  }
}

describe("traffic passes, and the sidecar lives,", () => {
  test.each([
    ["where no agent listens", "127.0.0.1"],
    ["where nobody answers for the agent's address", "198.18.9.9"],
    ["where there is no way to the agent", "203.0.113.1"],
    ["where the agent's name means nothing", "no-such-agent.invalid"],
  ])("%s", async (_, host) => {
    const meshed = await Meshed.start({ JAEGER_AGENT_HOST: host });
    await meshed.exchange();
    await Bun.sleep(100);
    await meshed.exchange();
    expect(meshed.sidecar.hasExited).toBe(false);
    expect(meshed.sidecar.log.split("\n").length).toBeLessThan(10);
  });
});

test("spans reach an agent that appears later", async () => {
  const place = lab.pod("late");
  const meshed = await Meshed.start({ JAEGER_AGENT_HOST: place.ip4 });
  await meshed.exchange();
  const agent = await Agent.start(place);
  await meshed.exchange("/later");
  const spans = await agent.find(EXCHANGES, ({ operationName }) => operationName === "/later");
  expect(spans.length).toBe(EXCHANGES);
});

describe("JAEGER_DISABLED", () => {
  test("passes requests with a request id and without a context", async () => {
    const agent = await Agent.start(lab.pod("unused"));
    const meshed = await Meshed.start({ ...agent.env, JAEGER_DISABLED: "true" });
    await meshed.exchange("/", "X-Request-Id: {ID}\r\n");
    expect(await agent.find(0, () => true)).toEqual([]);
  });
});

test("a sampler that says no passes the context on, not sampled, and sends nothing", async () => {
  const agent = await Agent.start(lab.pod("idle"));
  const meshed = await Meshed.start({ ...agent.env, JAEGER_SAMPLER_PARAM: "0" });
  await meshed.exchange("/", "X-Request-Id: {ID}\r\nuber-trace-id: {UNSAMPLED}\r\n");
  expect(await agent.find(0, () => true)).toEqual([]);
});
