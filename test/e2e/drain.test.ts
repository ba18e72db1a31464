/** SIGTERM: connections get their time, callers still find somebody, and the process ends with exit code 0. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { Agent } from "./agent.ts";
import { requestIds } from "./expected.ts";
import {
  HTTP_PORT,
  init,
  OPAQUE_PORT,
  openLab,
  type Sidecar,
  startSidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { fateOf, type Link, link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const GRACE_MS = 300;
const NEVER_MS = 60_000;

let lab: Lab;
let pod: Pod;
let outside: Pod;
let agent: Agent;
let sidecar: Sidecar;
const servers: Server[] = [];

beforeAll(async () => {
  lab = openLab("drain");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
  servers.push(new Server(pod, OPAQUE_PORT), new Server(outside, OPAQUE_PORT), new Server(pod, HTTP_PORT));
  await init(pod);
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});
afterEach(async () => {
  if (!sidecar.hasExited) sidecar.signal("SIGKILL");
  await sidecar.exited;
});

async function start(timeoutMs: number, env = {}): Promise<void> {
  sidecar = await startSidecar(pod, {
    env: {
      NETRA_DRAIN_GRACE_MILLISECONDS: String(GRACE_MS),
      NETRA_DRAIN_TIMEOUT_MILLISECONDS: String(timeoutMs),
      ...env,
    },
  });
}

function inbound(): Promise<Link> {
  return link(outside, pod.ip4, OPAQUE_PORT, servers[0]!);
}

function outbound(): Promise<Link> {
  return link(pod, outside.ip4, OPAQUE_PORT, servers[1]!);
}

async function stream({ client, server }: Link): Promise<void> {
  const before = client.receivedBytes;
  server.send("more");
  await client.until(({ receivedBytes }) => receivedBytes > before);
}

async function part({ client, server }: Link): Promise<void> {
  client.fin();
  await server.over();
  server.fin();
  await client.over();
}

test.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])(
  "%s: what is open goes on, what comes is accepted, and when all is done it exits 0",
  async (signal) => {
    await start(NEVER_MS);
    const open = await inbound();
    await stream(open);
    sidecar.signal(signal);
    await sidecar.logged(/draining/);
    await stream(open);
    const late = [await inbound(), await outbound()];
    for (const ends of late) await stream(ends);
    await Bun.sleep(2 * GRACE_MS);
    await stream(open);
    for (const ends of late) await part(ends);
    expect(sidecar.hasExited).toBe(false);
    await part(open);
    expect(await sidecar.exited).toBe(0);
  },
);

test("with nothing open it exits 0 after the grace", async () => {
  await start(NEVER_MS);
  sidecar.signal("SIGTERM");
  await sidecar.logged(/draining/);
  await part(await outbound());
  expect(await sidecar.exited).toBe(0);
  expect(await fateOf(outside, pod.ip4, OPAQUE_PORT)).toBe("rst");
});

test("at the timeout what is left is reset, exit code 0", async () => {
  await start(600);
  const ends = [await inbound(), await outbound()];
  sidecar.signal("SIGTERM");
  for (const { client, server } of ends) {
    await client.until(({ ending }) => ending === "rst");
    await server.until(({ ending }) => ending === "rst");
  }
  expect(await sidecar.exited).toBe(0);
});

test("a second signal ends the wait", async () => {
  await start(NEVER_MS);
  const { client } = await inbound();
  sidecar.signal("SIGTERM");
  await sidecar.logged(/draining/);
  sidecar.signal("SIGTERM");
  await client.until(({ ending }) => ending === "rst");
  expect(await sidecar.exited).toBe(0);
});

test("spans that were not sent yet are sent before it exits", async () => {
  await start(NEVER_MS, { ...agent.env, JAEGER_REPORTER_FLUSH_INTERVAL: "1h" });
  const ends = await link(outside, pod.ip4, HTTP_PORT, servers[2]!);
  ends.client.send("GET /last HTTP/1.1\r\n\r\n");
  await ends.server.until(({ text }) => text.endsWith("\r\n\r\n"));
  const [id] = requestIds(ends.server);
  ends.server.send("HTTP/1.1 204 No Content\r\n\r\n");
  await part(ends);
  sidecar.signal("SIGTERM");
  expect(await sidecar.exited).toBe(0);
  expect((await agent.spans(1, id!)).length).toBe(1);
});

describe("as process 1 of its own namespace", () => {
  test("it ends on SIGTERM, exit code 0", async () => {
    const launcher = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const user = ["setpriv", "--reuid=1337", "--regid=1337", "--clear-groups"];
    sidecar = await startSidecar(pod, {
      env: { PATH: process.env.PATH!, NETRA_DRAIN_GRACE_MILLISECONDS: "0" },
      launcher: [...launcher, ...user],
    });
    await part(await inbound());
    process.kill(childOf(sidecar.pid), "SIGTERM");
    expect(await sidecar.exited).toBe(0);
    expect(sidecar.log).toContain("done");
  });
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}
