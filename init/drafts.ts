/** What the rules of both directions have in common. */
import type { InitConfig } from "./config.ts";
import { formatInterface } from "./interface-name.ts";
import { formatNetwork, literalNetwork, type Network } from "./network.ts";
import type { Action, Draft, End, Match, Place } from "./plan.ts";
import { formatRange, includes, type Range } from "./ranges.ts";

/** Beyond it a list of ports is one rule with a set: a kernel without sets still gets short lists. */
const RULE_PER_PORT_MAX = 16;
export const SSH_PORT = 22;
const TWO_TO_32 = 2 ** 32;

export const NOT_TCP = pass([{ kind: "not-tcp" }], "only TCP is redirected");
export const LINK_LOCAL = passNetwork(
  "destination",
  literalNetwork("fe80::/10"),
  "link-local: it cannot be dialled without its interface",
);

/** A rule that lets what matches pass. */
export function pass(matches: readonly Match[], why: string): Draft {
  return { matches, action: { kind: "return" }, why };
}

/** A rule that lets pass what comes from, or goes to, a network. */
export function passNetwork(end: End, network: Network, why: string): Draft {
  return pass([{ kind: "network", end, network }], why);
}

/** The exemptions that both directions know; `end` is where the other end of the connection is. */
export function passSkipped(config: InitConfig, end: End): Draft[] {
  const inbound = end === "source";
  const networks = inbound ? config.inboundSkipNetworks : config.outboundSkipNetworks;
  const ports = inbound ? config.inboundSkipPorts : config.outboundSkipPorts;
  const [of, direction] = inbound ? ["INBOUND", "inbound"] : ["OUTBOUND", "outbound"];
  return [
    ...config.skipInterfaces.map((name) =>
      pass([{ kind: "interface", end, name }], `SKIP_INTERFACES names ${formatInterface(name)}`),
    ),
    ...networks.map((network) =>
      passNetwork(end, network, `${of}_SKIP_CIDRS names ${formatNetwork(network)}`),
    ),
    ...portMatches(ports, `${direction}-skip-ports`).map((match) =>
      pass([match], `${of}_SKIP_PORTS names ${nameOf(match)}`),
    ),
  ];
}

const OLDER = pass([{ kind: "mid-stream" }], "older than the rules: redirecting it would cut it");
const SSH = pass(
  [{ kind: "port", range: { first: SSH_PORT, last: SSH_PORT } }],
  "SSH: redirected only where the port is listed",
);

/** What a host adds: people who work on it must keep the connection they came by. */
export function passOnHost(place: Place, listed: readonly Range[] | null): Draft[] {
  if (place === "pod") return [];
  return listed !== null && includes(listed, SSH_PORT) ? [OLDER] : [OLDER, SSH];
}

/** A share that rounds to none of 2^32 still redirects one connection in 2^32; one that rounds to all redirects all. */
export function sampling(probability: number): Draft[] {
  const threshold = Math.max(1, Math.round(probability * TWO_TO_32));
  if (threshold >= TWO_TO_32) return [];
  return [pass([{ kind: "random", threshold }], `redirect a share of ${probability} of the connections`)];
}

/** The rules that redirect: all ports, or those listed. */
export function redirects(direction: string, ports: readonly Range[] | null, port: number): Draft[] {
  const action: Action = { kind: "redirect", port };
  if (ports === null) {
    const why = `every other ${direction} connection goes to the sidecar`;
    return [{ matches: [{ kind: "tcp" }], action, why }];
  }
  return portMatches(ports, `${direction}-ports`).map((match) => ({
    matches: [match],
    action,
    why: `${direction} ${nameOf(match)} goes to the sidecar`,
  }));
}

/**
 * Nothing is redirected. The redirect that no connection reaches is there for those in flight: with the last one of
 * a network namespace the kernel stops looking connections up, and translates no packet any more.
 */
export function redirectsNothing(port: number, why: string): Draft[] {
  const action: Action = { kind: "redirect", port };
  return [
    pass([], why),
    { matches: [{ kind: "tcp" }], action, why: "out of reach: serves connections in flight" },
  ];
}

type PortMatch = Extract<Match, { kind: "port" | "ports" }>;

function portMatches(ranges: readonly Range[], set: string): PortMatch[] {
  if (ranges.length > RULE_PER_PORT_MAX) return [{ kind: "ports", set, ranges }];
  return ranges.map((range) => ({ kind: "port", range }));
}

function nameOf(match: PortMatch): string {
  return match.kind === "port"
    ? `port ${formatRange(match.range)}`
    : `${match.ranges.length} ports and ranges`;
}
