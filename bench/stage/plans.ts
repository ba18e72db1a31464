import { HAPROXY_PORT, startHaproxy } from "./haproxy.ts";
import { type NetrameshMode, programRules, SIDECAR, SIDECAR_PORT, startNetramesh } from "./netramesh.ts";
import { NGINX_PORT } from "./nginx.ts";
import type { TargetPlan } from "./target.ts";

export const DIRECT = "direct";
export const HAPROXY_TCP = "haproxy tcp";
export const HAPROXY_HTTP = "haproxy http";

const MODES: Record<NetrameshMode, string> = {
  opaque: HAPROXY_TCP,
  unsampled: HAPROXY_HTTP,
  traced: HAPROXY_HTTP,
};

/** A netramesh binary under the name its rows get. */
export interface NamedBinary {
  readonly name: string;
  readonly path: string;
}

/** Every target that is measured, in the order of the tables. */
export function targetPlans(binaries: readonly NamedBinary[], agentIp: string): TargetPlan[] {
  const modes = Object.keys(MODES) as NetrameshMode[];
  return [
    direct(),
    ...modes.flatMap((mode) => binaries.map((binary) => netramesh(binary, mode, agentIp))),
    haproxy(HAPROXY_TCP, "tcp"),
    haproxy(HAPROXY_HTTP, "http"),
    interceptingHaproxy(binaries[0]!),
  ];
}

function direct(): TargetPlan {
  return {
    name: DIRECT,
    reference: null,
    port: NGINX_PORT,
    prepare: async () => {},
    start: async () => null,
  };
}

function haproxy(name: string, mode: "tcp" | "http"): TargetPlan {
  return {
    name,
    reference: null,
    port: HAPROXY_PORT,
    prepare: async () => {},
    start: (pod, directory) => startHaproxy(pod, directory, mode),
  };
}

/** haproxy where the sidecar would be, behind the same rules: what is left of a ratio is the program's own. */
function interceptingHaproxy({ path }: NamedBinary): TargetPlan {
  return {
    name: `${HAPROXY_HTTP}, intercepting`,
    reference: HAPROXY_HTTP,
    port: NGINX_PORT,
    prepare: (pod) => programRules(pod, path, HAPROXY_PORT),
    start: (pod, directory) => startHaproxy(pod, directory, "http", SIDECAR),
  };
}

function netramesh({ name, path }: NamedBinary, mode: NetrameshMode, agentIp: string): TargetPlan {
  return {
    name: `${name} ${mode}`,
    reference: MODES[mode],
    port: NGINX_PORT,
    prepare: (pod) => programRules(pod, path, SIDECAR_PORT),
    start: (pod) => startNetramesh(pod, path, mode, agentIp),
  };
}
