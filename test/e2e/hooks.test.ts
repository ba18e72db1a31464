/** `netramesh wait` and `netramesh drain`, run in the pod by a user whose connections the rules redirect. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod, RunResult } from "../../examples/lab/pod.ts";
import { ask } from "./asking.ts";
import {
  type Env,
  init,
  METRICS_PORT,
  NETRAMESH,
  OPAQUE_PORT,
  openLab,
  PPROF_PORT,
  type Sidecar,
  startSidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const APPLICATION = { uid: 65534, gid: 65534 };
const LOOPBACK = "127.0.0.1";

let lab: Lab;
let pod: Pod;
let outside: Pod;
let server: Server;
let sidecar: Sidecar | null = null;
beforeAll(async () => {
  lab = openLab("hooks");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  server = new Server(pod, OPAQUE_PORT);
  await init(pod);
});
afterAll(() => {
  server.close();
  lab.close();
});

afterEach(async () => {
  if (sidecar?.hasExited === false) sidecar.signal("SIGKILL");
  await sidecar?.exited;
});

function hook(args: readonly string[], env: Env = {}): Promise<RunResult> {
  return pod.run([NETRAMESH, ...args], { ...APPLICATION, env });
}

async function start(): Promise<Sidecar> {
  const started = await startSidecar(pod, { env: LIMITS });
  sidecar = started;
  return started;
}

async function end(sidecar: Sidecar): Promise<void> {
  sidecar.signal("SIGTERM");
  expect(await sidecar.exited).toBe(0);
}

const LIMITS = { NETRA_DRAIN_GRACE_MILLISECONDS: "300", NETRA_DRAIN_TIMEOUT_MILLISECONDS: "60000" };

test("wait returns when the sidecar has become ready", async () => {
  const waiting = hook(["wait"]);
  const sidecar = await start();
  expect(await waiting).toEqual({ code: 0, stdout: "", stderr: "" });
  await end(sidecar);
});

test("wait gives up with the reason: nobody there", async () => {
  const stderr = `netramesh: not ready after 300 ms: nothing answers at ${LOOPBACK}:${METRICS_PORT}\n`;
  expect(await hook(["wait", "--timeout", "300ms"])).toEqual({ code: 1, stdout: "", stderr });
});

test("drain makes it unready, waits for the last connection, and SIGTERM then ends it at once", async () => {
  const sidecar = await start();
  const { client, server: peer } = await link(outside, pod.ip4, OPAQUE_PORT, server);
  const draining = hook(["drain"]);
  await sidecar.logged(/draining: 127\.0\.0\.1 asked for it/);
  expect(await ask(pod, LOOPBACK, METRICS_PORT, "GET /ready")).toMatchObject({
    status: 503,
    body: "draining\n",
  });
  expect(await hook(["wait", "--timeout", "0"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/503 draining\n$/),
  });
  const late = await link(outside, pod.ip4, OPAQUE_PORT, server);
  for (const each of [client, late.client]) each.send("ping");
  for (const each of [peer, late.server]) await each.until(({ text }) => text === "ping");
  const { body } = await ask(pod, LOOPBACK, PPROF_PORT, "GET /drain");
  expect(body).toBe("draining: yes\nopen connections: 2\n");
  for (const each of [client, late.client]) each.rst();
  expect(await draining).toEqual({ code: 0, stdout: "", stderr: "" });
  const again = await link(outside, pod.ip4, OPAQUE_PORT, server);
  again.client.rst();
  await again.server.until(({ ending }) => ending === "rst");
  await end(sidecar);
});

test("drain ends with the sidecar that a signal ends", async () => {
  const sidecar = await start();
  const { client } = await link(outside, pod.ip4, OPAQUE_PORT, server);
  const draining = hook(["drain"]);
  await sidecar.logged(/127\.0\.0\.1 asked for it/);
  sidecar.signal("SIGTERM");
  await sidecar.logged(/SIGTERM: draining/);
  sidecar.signal("SIGTERM");
  expect(await sidecar.exited).toBe(0);
  await client.until(({ ending }) => ending === "rst");
  expect(await draining).toMatchObject({ code: 0 });
});

test("drain says where nobody is there", async () => {
  const stderr = `netramesh: nothing answers at ${LOOPBACK}:4321\n`;
  expect(await hook(["drain"], { NETRA_PPROF_PORT: "4321" })).toEqual({ code: 1, stdout: "", stderr });
});

test("the sidecar is found where the configuration file says, as the sidecar itself does", async () => {
  const file = join(tmpdir(), `netramesh-hooks-${process.pid}.yaml`);
  writeFileSync(file, "NETRA_PROMETHEUS_PORT: 4322\nNETRA_PPROF_PORT: 4323\n");
  chmodSync(file, 0o644);
  const env = { NETRA_CONFIG_FILE: file };
  expect((await hook(["wait", "--timeout", "0"], env)).stderr).toContain(`${LOOPBACK}:4322`);
  expect((await hook(["drain"], env)).stderr).toContain(`${LOOPBACK}:4323`);
  rmSync(file);
  expect(await hook(["drain"], env)).toMatchObject({ code: 2, stderr: expect.stringContaining(file) });
});

test.each([
  [["wait", "--timeout", "soon"], {}, /--timeout "soon" is not a time/],
  [["wait"], { NETRA_PROMETHEUS_PORT: "x" }, /NETRA_PROMETHEUS_PORT="x" is not a port/],
  [["drain"], { NETRA_PPROF_HOST: "x" }, /NETRA_PPROF_HOST="x" is not an IP address/],
] as [string[], Env, RegExp][])("%j with %j is code 2", async (args, env, message) => {
  const { code, stderr } = await hook(args, env);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
