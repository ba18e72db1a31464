/**
 * The services of the chain, each in its own pod behind its own sidecar, as Kubernetes would run them: an init container as
 * root with NET_ADMIN programs the rules, then the sidecar runs as its own user and the application as another.
 */
import { type Lab, SHARED } from "../lab/namespaces.ts";
import type { Pod } from "../lab/pod.ts";
import { CHAIN, type Service } from "./chain.ts";
import { AGENT_PORT, DIRECT_PORT, MESH_PORT, SIDECAR_PORT } from "./ports.ts";

export interface Sidecar {
  readonly service: string;
  readonly pid: number;
}

export interface Mesh {
  readonly frontIp: string;
  readonly sidecars: readonly Sidecar[];
}

const NETRAMESH = `${SHARED}/dist/netramesh`;
const BUN = `${SHARED}/node_modules/.bin/bun`;
const SIDECAR = { uid: 1337, gid: 1337 };
const APPLICATION = { uid: 1000, gid: 1000 };

/** How often sidecars send their spans: often, so that their datagrams stay small. */
export const FLUSH_INTERVAL_MS = 50;

// The default is every port; here one port stays free, to compare with.
const INIT_ENV = {
  INBOUND_INTERCEPT_PORTS: String(MESH_PORT),
  OUTBOUND_INTERCEPT_PORTS: String(MESH_PORT),
};

/** The command that runs one of this folder's scripts in a pod. */
export function script(name: string, ...args: string[]): string[] {
  return [BUN, `${SHARED}/examples/demo/${name}`, ...args];
}

/** Starts all services and sidecars; resolves when every one of them listens. `agentIp` takes their spans. */
export async function startMesh(lab: Lab, agentIp: string): Promise<Mesh> {
  const pods = CHAIN.map(({ name }) => lab.pod(name));
  const sidecars = await Promise.all(
    CHAIN.map(async (service, i) => {
      await programRules(pods[i]!);
      const sidecar = await startSidecar(pods[i]!, service, agentIp);
      await startService(pods[i]!, service, pods[i + 1]);
      return sidecar;
    }),
  );
  return { frontIp: pods[0]!.ip4, sidecars };
}

async function programRules(pod: Pod): Promise<void> {
  const { code, stderr } = await pod.run([NETRAMESH, "init"], { caps: ["net_admin"], env: INIT_ENV });
  if (code !== 0) throw new Error(`netramesh init ended with exit code ${code}: ${stderr.trim()}`);
}

async function startSidecar(pod: Pod, { name, propagators }: Service, agentIp: string): Promise<Sidecar> {
  const env = {
    NETRA_LOGGER_LEVEL: "warning",
    NETRA_HTTP_PORTS: String(MESH_PORT),
    JAEGER_SAMPLER_TYPE: "const",
    JAEGER_SAMPLER_PARAM: "1",
    JAEGER_AGENT_HOST: agentIp,
    JAEGER_AGENT_PORT: String(AGENT_PORT),
    JAEGER_REPORTER_FLUSH_INTERVAL: `${FLUSH_INTERVAL_MS}ms`,
    ...(propagators !== null && { NETRA_PROPAGATORS: propagators }),
  };
  const command = [NETRAMESH, "--service-name", name];
  const { pid } = pod.spawn(command, { ...SIDECAR, env, stdout: "ignore", stderr: "inherit" });
  await pod.waitForPort(SIDECAR_PORT);
  return { service: name, pid };
}

async function startService(pod: Pod, { name }: Service, next: Pod | undefined): Promise<void> {
  const args = next === undefined ? [name] : [name, next.ip4];
  pod.spawn(script("service.ts", ...args), { ...APPLICATION, stdout: "ignore", stderr: "inherit" });
  await pod.waitForPort(MESH_PORT);
  await pod.waitForPort(DIRECT_PORT);
}
