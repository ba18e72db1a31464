/** The sidecar as an init container and a pod's sidecar container would run it. */
import type { Pod } from "../../examples/lab/pod.ts";
import { NGINX_PORT } from "./nginx.ts";
import type { Launch } from "./target.ts";

export const SIDECAR_PORT = 14956;
/** Whose connections the rules leave alone. */
export const SIDECAR = { uid: 1337, gid: 1337 };
export const AGENT_PORT = 6831;

/** What the sidecar does with the requests: nothing, everything but spans, everything; that with two event loops. */
export type NetrameshMode = "opaque" | "unsampled" | "traced" | "two workers";

/** What redirects connections into a pod to `port`, with the rules that `binary` makes by default. */
export function rulesCommand(
  binary: string,
  port: number,
): { command: string[]; env: Record<string, string> } {
  return { command: [binary, "init"], env: { NETRA_PORT: String(port) } };
}

/** Puts these rules in place in `pod`; throws if that fails. */
export async function programRules(pod: Pod, binary: string, port: number): Promise<void> {
  const { command, env } = rulesCommand(binary, port);
  const { code, stderr } = await pod.run(command, { caps: ["net_admin"], env });
  if (code !== 0) throw new Error(`${binary} init ended with exit code ${code}: ${stderr.trim()}`);
}

/** The sidecar, tracing as `mode` says. Spans go to `agentIp`. */
export function launchNetramesh(binary: string, mode: NetrameshMode, agentIp: string): Launch {
  const env = {
    NETRA_LOGGER_LEVEL: "error",
    ...(mode === "opaque" ? {} : { NETRA_HTTP_PORTS: String(NGINX_PORT) }),
    JAEGER_SAMPLER_TYPE: "const",
    JAEGER_SAMPLER_PARAM: mode === "traced" || mode === "two workers" ? "1" : "0",
    ...(mode === "two workers" ? { NETRA_WORKERS: "2" } : {}),
    JAEGER_AGENT_HOST: agentIp,
    JAEGER_AGENT_PORT: String(AGENT_PORT),
  };
  return { command: [binary, "--service-name", "bench"], options: { ...SIDECAR, env }, port: SIDECAR_PORT };
}
