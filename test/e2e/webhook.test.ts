/** The built binary as the injector's pod runs it: credentials where Kubernetes mounts them, no rights, signals. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeApiServer, startApiServer, writeCredentials } from "../webhook/support/api-server.ts";
import { call } from "../webhook/support/caller.ts";
import { patched, podOf, reviewOf } from "../webhook/support/review.ts";

const BINARY = join(import.meta.dir, "..", "..", "dist", "netramesh");
const PORT = 28443;

let api: FakeApiServer;
let folder: string;

beforeAll(() => {
  api = startApiServer();
  folder = mkdtempSync(join(tmpdir(), "netramesh-webhook-"));
  writeCredentials(folder, api);
  Bun.spawnSync(["chmod", "-R", "a+rX", folder]);
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

/** In a mount namespace of its own, /run/secrets is the folder; then as uid 1337 without any capability. */
function startWebhook(...flags: string[]) {
  const mount = `mount -t tmpfs none /run && mkdir -p "$(dirname ${ACCOUNT})" && cp -r "$1" ${ACCOUNT}`;
  const drop =
    "setpriv --reuid=1337 --regid=1337 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs";
  const script = `${mount} && shift && exec ${drop} "$@"`;
  const command = [BINARY, "webhook", `--port=${PORT}`, ...flags];
  const env = {
    PATH: process.env.PATH!,
    KUBERNETES_SERVICE_HOST: "localhost",
    KUBERNETES_SERVICE_PORT: `${api.port}`,
  };
  return Bun.spawn(["unshare", "--mount", "sh", "-c", script, "sh", folder, ...command], {
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}
const ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount";

async function untilServed(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await call(api, PORT, "/ready")).status === 200) return;
    await Bun.sleep(50);
  }
  throw new Error("the webhook was not served");
}

test("it injects what its flags say, and ends on SIGTERM", async () => {
  const webhook = startWebhook("--image=registry.example/netramesh:1", "--env=JAEGER_AGENT_HOST=jaeger");
  try {
    await untilServed();
    const pod = podOf();
    const { body } = await call(api, PORT, "/inject", JSON.stringify(reviewOf(pod)));
    const [init, sidecar] = patched(pod, JSON.parse(body).response).spec.initContainers;
    expect([init.image, sidecar.image]).toEqual(Array(2).fill("registry.example/netramesh:1"));
    expect(sidecar.env).toContainEqual({ name: "JAEGER_AGENT_HOST", value: "jaeger" });
    webhook.kill("SIGTERM");
    webhook.kill("SIGTERM");
    expect(await webhook.exited).toBe(0);
    const log = await webhook.stderr.text();
    expect(log).toContain("injects native sidecars, on port 28443 as netramesh-injector.netramesh.svc");
    expect(log).toContain("shop/pod/web-7c9f5d-: injected");
  } finally {
    webhook.kill("SIGKILL");
  }
});

test("without the rights it needs it says so and exits with 1", async () => {
  const webhook = startWebhook("--name=other");
  expect(await webhook.exited).toBe(1);
  expect(await webhook.stderr.text()).toContain("/secrets/other was answered with 403");
});

test.each([
  [["--port=0"], '--port "0" is not a port'],
  [["--name=A"], '--name "A" is not a name'],
  [[], "KUBERNETES_SERVICE_HOST is not set"],
])("%j outside of a pod is refused: %s", (flags, message) => {
  const { exitCode, stderr } = Bun.spawnSync([BINARY, "webhook", ...flags], { env: {} });
  expect(exitCode).toBe(2);
  expect(stderr.toString()).toContain(message);
});
