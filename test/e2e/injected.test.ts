/** What injection writes into a pod, run: its init container, then its sidecar, then the kubelet's probes. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { injectedPod } from "../inject/support/rewritten.ts";
import { ask } from "./asking.ts";
import { type Env, init, openLab, type Sidecar, startSidecar, TEST_TIMEOUT_MS } from "./harness.ts";
import { Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const APP_PORT = 3306;
const SKIPPED_PORT = 9100;
const ADMIN_PORT = 15090;

const template = injectedPod(
  {
    containers: [
      {
        name: "db",
        image: "db:1",
        ports: [{ name: "mysql", containerPort: APP_PORT }],
        livenessProbe: { tcpSocket: { port: "mysql" } },
      },
    ],
  },
  {
    annotations: {
      "config.netramesh.io/http-ports": "80,8080",
      "config.netramesh.io/skip-inbound-ports": String(SKIPPED_PORT),
      "config.netramesh.io/skip-subnets": "192.0.2.0/24",
      "config.netramesh.io/proxy-uid": "2000",
      "config.netramesh.io/proxy-log-format": "text",
      "config.netramesh.io/env": JSON.stringify({
        NETRA_PROMETHEUS_PORT: String(ADMIN_PORT),
        JAEGER_SAMPLER_TYPE: "const",
        JAEGER_SAMPLER_PARAM: "1",
      }),
    },
  },
);
const [initContainer, sidecarContainer] = template.spec.initContainers;
const [app] = template.spec.containers;

let lab: Lab;
let kubelet: Pod;
let pod: Pod;
let sidecar: Sidecar;
beforeAll(async () => {
  lab = openLab("injected");
  kubelet = lab.pod("kubelet");
  pod = lab.pod("pod");
  await init(pod, envOf(initContainer));
  const { runAsUser: uid, runAsGroup: gid } = sidecarContainer.securityContext;
  sidecar = await startSidecar(pod, { uid, gid, env: envOf(sidecarContainer) });
});
afterAll(() => lab.close());

/** As the kubelet fills it in. */
function envOf({ env = [] }: { env?: { name: string; value?: string }[] }): Env {
  const fields: Env = {
    POD_NAME: "db-0",
    POD_NAMESPACE: "shop",
    POD_IP: pod.ip4,
    HOST_IP: kubelet.ip4,
    NODE_NAME: "n",
  };
  const filled = env.map(({ name, value = fields[name]! }) => [
    name,
    value.replace(/\$\((\w+)\)/g, (reference, variable) => fields[variable] ?? reference),
  ]);
  return Object.fromEntries(filled);
}

const probed = async ({ httpGet: { path, port } }: { httpGet: { path: string; port: number } }) =>
  (await ask(kubelet, pod.ip4, port, `GET ${path}`)).status;

test("the sidecar starts with what it is given and is exempt from the rules, as the user it is given", () => {
  expect(sidecar.log).toContain("as uid 2000 gid 2000: HTTP ports 80,8080");
  expect(sidecar.log).not.toMatch(/WARN|ERROR|FATAL/);
});

test("the probes of the sidecar succeed", async () => {
  const { startupProbe, readinessProbe, livenessProbe } = sidecarContainer;
  expect(await Promise.all([startupProbe, readinessProbe, livenessProbe].map(probed))).toEqual([
    200, 200, 200,
  ]);
});

test("the rewritten probe of the application fails until it listens", async () => {
  expect(await probed(app.livenessProbe)).toBe(503);
  const server = new Server(pod, APP_PORT, (peer) => peer.finBack());
  expect(await probed(app.livenessProbe)).toBe(200);
  server.close();
});

test("the rules have the exceptions of the annotations", async () => {
  const { stdout } = await pod.run([Bun.which("nft")!, "list", "table", "inet", "netramesh"], {
    caps: ["net_admin"],
  });
  for (const exception of [
    `tcp dport ${SKIPPED_PORT} `,
    "192.0.2.0/24",
    "skuid 2000",
    `tcp dport ${ADMIN_PORT} `,
  ]) {
    expect(stdout).toContain(exception);
  }
});
