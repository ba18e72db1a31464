/** More connections than it may have cost those that are too many, and nobody else. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { init, OPAQUE_PORT, openLab, type Sidecar, startSidecar, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const CLIENTS = 300;

let lab: Lab;
let outside: Pod;
beforeAll(() => {
  lab = openLab("limits");
  outside = lab.pod("outside");
});
afterAll(() => lab.close());

/** Connects many clients at once to a server that greets; those that were greeted, once all fates are known. */
async function greeted(pod: Pod): Promise<Peer[]> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => dial(outside, pod.ip4, OPAQUE_PORT).catch(() => null)),
  );
  const open = clients.filter((client) => client !== null);
  await Promise.all(
    open.map((client) => client.until(({ text, ending }) => text !== "" || ending !== "open")),
  );
  for (const client of open) if (client.text === "") expect(client.ending).toBe("rst");
  return open.filter(({ text }) => text === "welcome");
}

async function expectLimit(pod: Pod, sidecar: Sidecar, most: number): Promise<void> {
  const files = sidecar.files;
  const server = new Server(pod, OPAQUE_PORT, (peer) => peer.send("welcome"));
  for (let round = 0; round < 2; round++) {
    const clients = await greeted(pod);
    expect(clients.length).toBe(most);
    for (const client of clients) client.rst();
    await sidecar.keeps(files);
  }
  expect(sidecar.hasExited).toBe(false);
  server.close();
}

describe("connections beyond the limit are reset, the others served, and later ones again", () => {
  test("where NETRA_MAX_CONNECTIONS sets it", async () => {
    const pod = lab.pod("set");
    await init(pod);
    const sidecar = await startSidecar(pod, { env: { NETRA_MAX_CONNECTIONS: "100" } });
    await expectLimit(pod, sidecar, 100);
    await sidecar.logged(/WARN .*100 connections are open already/);
  });

  test("where more event loops are wanted than the limit of files carries", async () => {
    const pod = lab.pod("loops");
    await init(pod);
    const user = ["setpriv", "--reuid=1337", "--regid=1337", "--clear-groups"];
    const launcher = ["prlimit", "--nofile=136:136", ...user];
    const env = { PATH: process.env.PATH!, NETRA_WORKERS: "64" };
    const sidecar = await startSidecar(pod, { env, launcher });
    await sidecar.logged(
      /WARN {2}NETRA_WORKERS: 64 event loops need more .* 136 open files allowed: 4 it is/,
    );
    await sidecar.logged(/at most 3 connections on each of 4 event loops/);
    const server = new Server(pod, OPAQUE_PORT, (peer) => peer.send("welcome"));
    expect((await greeted(pod)).length).toBeGreaterThan(0);
    expect(sidecar.hasExited).toBe(false);
    server.close();
  });

  test("where the limit of files sets it", async () => {
    const pod = lab.pod("files");
    await init(pod);
    const user = ["setpriv", "--reuid=1337", "--regid=1337", "--clear-groups"];
    const launcher = ["prlimit", "--nofile=264:264", ...user];
    const sidecar = await startSidecar(pod, { env: { PATH: process.env.PATH! }, launcher });
    await sidecar.logged(/at most 100 connections/);
    await expectLimit(pod, sidecar, 100);
  });
});
