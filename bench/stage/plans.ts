import { HAPROXY_PORT, launchHaproxy } from "./haproxy.ts";
import { launchNetramesh, type NetrameshMode, SIDECAR, SIDECAR_PORT } from "./netramesh.ts";
import { NGINX_PORT } from "./nginx.ts";
import { launchNginxProxy, NGINX_PROXY_PORT } from "./nginx-proxy.ts";
import { type Peer, peerPlan } from "./peer.ts";
import type { TargetPlan } from "./target.ts";

export const DIRECT = "direct";
export const HAPROXY_TCP = "haproxy tcp";
export const HAPROXY_HTTP = "haproxy http";

const MODES: Record<NetrameshMode, "tcp" | "http"> = {
  opaque: "tcp",
  unsampled: "http",
  traced: "http",
  "two workers": "http",
};
const REFERENCES = { tcp: HAPROXY_TCP, http: HAPROXY_HTTP };

/** A netramesh binary under the name its rows get. */
export interface NamedBinary {
  readonly name: string;
  readonly path: string;
}

/** What takes part, besides the targets that always do. */
export interface Participants {
  /** Where another proxy intercepts, it is by the rules of the first. */
  readonly binaries: readonly NamedBinary[];
  readonly peers: readonly Peer[];
}

/** Every target that is measured, in the order of the tables. */
export function targetPlans({ binaries, peers }: Participants, agentIp: string): TargetPlan[] {
  const modes = Object.keys(MODES) as NetrameshMode[];
  const rules = binaries[0]!.path;
  return [
    direct(),
    ...modes.flatMap((mode) => binaries.map((binary) => netramesh(binary, mode, agentIp))),
    haproxy("tcp"),
    haproxy("http"),
    interceptingHaproxy("tcp", rules),
    interceptingHaproxy("http", rules),
    nginx("tcp"),
    nginx("http"),
    ...peers.map((peer) => peerPlan(peer, REFERENCES[peer.kind], rules, agentIp)),
  ];
}

function direct(): TargetPlan {
  return {
    name: DIRECT,
    kind: "direct",
    reference: null,
    port: NGINX_PORT,
    redirect: null,
    launch: () => null,
  };
}

function haproxy(mode: "tcp" | "http"): TargetPlan {
  return {
    name: REFERENCES[mode],
    kind: mode,
    reference: null,
    port: HAPROXY_PORT,
    redirect: null,
    launch: (directory) => launchHaproxy(directory, mode),
  };
}

/** haproxy where the sidecar would be, behind the same rules: what is left of a ratio is the program's own. */
function interceptingHaproxy(mode: "tcp" | "http", binary: string): TargetPlan {
  return {
    name: `${REFERENCES[mode]}, intercepting`,
    kind: mode,
    reference: REFERENCES[mode],
    port: NGINX_PORT,
    redirect: { binary, port: HAPROXY_PORT },
    launch: (directory) => launchHaproxy(directory, mode, SIDECAR),
  };
}

function nginx(mode: "tcp" | "http"): TargetPlan {
  return {
    name: `nginx ${mode}`,
    kind: mode,
    reference: REFERENCES[mode],
    port: NGINX_PROXY_PORT,
    redirect: null,
    launch: (directory) => launchNginxProxy(directory, mode),
  };
}

function netramesh({ name, path }: NamedBinary, mode: NetrameshMode, agentIp: string): TargetPlan {
  const kind = MODES[mode];
  return {
    name: `${name} ${mode}`,
    kind,
    reference: REFERENCES[kind],
    port: NGINX_PORT,
    redirect: { binary: path, port: SIDECAR_PORT },
    launch: () => launchNetramesh(path, mode, agentIp),
  };
}
