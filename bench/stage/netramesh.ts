/** The sidecar as an init container and a pod's sidecar container would run it. */
import type { Pod } from "../../examples/lab/pod.ts";
import { NGINX_PORT } from "./nginx.ts";

export const SIDECAR_PORT = 14956;
/** Whose connections the rules leave alone. */
export const SIDECAR = { uid: 1337, gid: 1337 };
export const AGENT_PORT = 6831;

/** What the sidecar does with the requests: nothing, everything but spans, everything. */
export type NetrameshMode = "opaque" | "unsampled" | "traced";

/** Redirects what comes into `pod` to `port`, with the rules that `binary` makes by default. */
export async function programRules(pod: Pod, binary: string, port: number): Promise<void> {
  const env = { NETRA_PORT: String(port) };
  const { code, stderr } = await pod.run([binary, "init"], { caps: ["net_admin"], env });
  if (code !== 0) throw new Error(`${binary} init ended with exit code ${code}: ${stderr.trim()}`);
}

/** Starts the sidecar; resolves to its process when it listens. Spans go to `agentIp`. */
export async function startNetramesh(
  pod: Pod,
  binary: string,
  mode: NetrameshMode,
  agentIp: string,
): Promise<Bun.Subprocess> {
  const env = {
    NETRA_LOGGER_LEVEL: "error",
    ...(mode === "opaque" ? {} : { NETRA_HTTP_PORTS: String(NGINX_PORT) }),
    JAEGER_SAMPLER_TYPE: "const",
    JAEGER_SAMPLER_PARAM: mode === "traced" ? "1" : "0",
    JAEGER_AGENT_HOST: agentIp,
    JAEGER_AGENT_PORT: String(AGENT_PORT),
  };
  const command = [binary, "--service-name", "bench"];
  const child = pod.spawn(command, { ...SIDECAR, env, stdout: "ignore", stderr: "inherit" });
  await pod.waitForPort(SIDECAR_PORT);
  return child;
}
