/** A sidecar whose user the rules do not exempt would call itself for ever. It must notice, before or at once. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { init, OPAQUE_PORT, openLab, Sidecar, startSidecar, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, fateOf, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const STRANGER = { uid: 4242, gid: 4242 };
const MOST_ACCEPTS = 4;

let lab: Lab;
let outside: Pod;
let remote: Server;
beforeAll(() => {
  lab = openLab("loop");
  outside = lab.pod("outside");
  remote = new Server(outside, OPAQUE_PORT, (peer) => peer.send("welcome"));
});
afterAll(() => {
  remote.close();
  lab.close();
});

test("where rules do not exempt its user, it exits 1 and says who it is", async () => {
  const pod = lab.pod("before");
  await init(pod);
  const sidecar = new Sidecar(pod, STRANGER);
  expect(await sidecar.exited).toBe(1);
  expect(sidecar.log).toMatch(/FATAL .*do not exempt uid 4242 gid 4242.*NETRA_SIDECAR_USER_ID/);
});

test.each([
  ["user", { uid: 1337, gid: 4242 }],
  ["group", { uid: 4242, gid: 1337 }],
])("being the exempt %s is enough", async (kind, user) => {
  const pod = lab.pod(kind);
  await init(pod);
  await startSidecar(pod, user);
  const client = await dial(pod, outside.ip4, OPAQUE_PORT);
  await client.until(({ text }) => text === "welcome");
});

test.each(["ip4", "ip6"] as const)("rules that come later cost one reset, not a loop: %s", async (family) => {
  const pod = lab.pod(`later-${family}`);
  const sidecar = await startSidecar(pod, STRANGER);
  await init(pod);
  const files = sidecar.files;
  const served = remote.peers.length;
  expect(await fateOf(pod, outside[family], OPAQUE_PORT)).toBe("rst");
  await sidecar.logged(/ERROR .*redirected back to us.*do not exempt uid 4242 or gid 4242/);
  await sidecar.keeps(files);
  expect(await redirected(pod)).toBeLessThanOrEqual(MOST_ACCEPTS);
  expect(remote.peers.length).toBe(served);
});

test("every further connection is reset too, and the process stays well", async () => {
  const pod = lab.pod("again");
  const sidecar = await startSidecar(pod, STRANGER);
  await init(pod);
  const files = sidecar.files;
  const CONNECTIONS = 50;
  const fates = Array.from({ length: CONNECTIONS }, () => fateOf(pod, outside.ip4, OPAQUE_PORT));
  expect(await Promise.all(fates)).toEqual(Array(CONNECTIONS).fill("rst"));
  await sidecar.keeps(files);
  expect(await redirected(pod)).toBeLessThanOrEqual(CONNECTIONS * MOST_ACCEPTS);
  expect(sidecar.hasExited).toBe(false);
});

/** Connections that the kernel has redirected, by the counter of the rule that does it for any port. */
async function redirected(pod: Pod): Promise<number> {
  const { stdout } = await pod.run(["nft", "list", "chain", "inet", "netramesh", "output"], {
    env: { PATH: process.env.PATH! },
  });
  return Number(/l4proto tcp counter packets (\d+) bytes \d+ redirect/.exec(stdout)![1]);
}
