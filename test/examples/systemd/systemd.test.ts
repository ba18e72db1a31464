/** The example for machines without containers, booted by systemd itself. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ipBatch } from "../../../examples/lab/ip.ts";
import { Lab } from "../../../examples/lab/namespaces.ts";
import type { Pod } from "../../../examples/lab/pod.ts";
import { Agent } from "../../e2e/agent.ts";
import { eventually, PROXY_PORT } from "../../e2e/harness.ts";
import { link, Server } from "../../e2e/wire.ts";
import { Machine } from "./machine.ts";

setDefaultTimeout(60_000);

const UNIT = join(import.meta.dir, "../../../examples/systemd/netramesh.service");
const SERVICE_PORT = 8080;
const SSH_PORT = 22;
const BOOT_PATIENCE_MS = 40_000;
/** Of 10: what systemd calls OK ends at 4.9. */
const EXPOSURE_MAX = 1.5;

let lab: Lab;
let outside: Pod;
let inside: Pod;
let agent: Agent;
let machine: Machine;
const servers = new Map<number, Server>();
beforeAll(async () => {
  lab = Lab.create("netra-systemd");
  inside = lab.pod("machine");
  // By which init knows a host.
  ipBatch(["link add docker0 type bridge"], inside.namespace);
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
  for (const port of [SERVICE_PORT, SSH_PORT]) servers.set(port, new Server(inside, port));
  machine = new Machine(inside, `${outside.ip4} jaeger`);
  await inside.waitForPort(PROXY_PORT, BOOT_PATIENCE_MS).catch((error) => {
    throw new Error(`${error.message}\n${machine.console}`);
  });
});
afterAll(async () => {
  for (const server of servers.values()) server.close();
  await machine?.destroy();
  lab?.close();
});

test("systemd finds nothing wrong with the unit but that the binary is not installed here", () => {
  const { stderr } = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", UNIT]);
  const lines = stderr
    .toString()
    .split("\n")
    .filter((line) => line.includes("netramesh"));
  expect(
    lines.filter((line) => !line.includes("Command /usr/local/bin/netramesh is not executable")),
  ).toEqual([]);
});

test("systemd-analyze security has little to say against it", () => {
  const { stdout } = Bun.spawnSync(["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT]);
  const [, exposure] = /Overall exposure level for netramesh.service: ([\d.]+)/.exec(stdout.toString())!;
  expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
});

test("the sidecar runs as its user, without a capability, in a sandbox", () => {
  const status = readFileSync(`/proc/${machine.sidecar}/status`, "utf8");
  expect(status).toMatch(/^Uid:\t1337\t1337\t1337\t1337$/m);
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    expect(status).toMatch(new RegExp(`^${set}:\t0{16}$`, "m"));
  }
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
});

describe("traffic", () => {
  test("of the service becomes spans", async () => {
    await request("/booted");
    const [span] = await agent.find(1, ({ operationName }) => operationName === "/booted");
    expect([span!.service, span!.tags["span.kind"]]).toEqual(["shop", "server"]);
  });

  test("of other ports is not touched", async () => {
    const { client, server } = await link(outside, inside.ip4, SSH_PORT, servers.get(SSH_PORT)!);
    expect(server.socket.remotePort).toBe(client.socket.localPort);
    client.send("bye").fin();
    await server.over();
    server.fin();
  });
});

test("a sidecar that dies is started again, and the rules with it", async () => {
  const first = machine.sidecar!;
  process.kill(first, "SIGKILL");
  const isNew = () => machine.sidecar !== null && machine.sidecar !== first;
  await eventually(isNew, () => `no new sidecar\n${machine.console}`);
  await inside.waitForPort(PROXY_PORT);
  await request("/again");
  await agent.find(1, ({ operationName }) => operationName === "/again");
});

test("where it stops, the rules are gone", async () => {
  expect(await rules()).toContain("table inet netramesh");
  await machine.powerOff();
  expect(await rules()).toBe("");
});

async function request(path: string): Promise<void> {
  const { client, server } = await link(outside, inside.ip4, SERVICE_PORT, servers.get(SERVICE_PORT)!);
  client.send(`GET ${path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n`).fin();
  await server.over();
  server.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
  await client.over();
}

async function rules(): Promise<string> {
  return (await inside.run(["nft", "list", "ruleset"], { env: { PATH: process.env.PATH! } })).stdout;
}
