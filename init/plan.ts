/**
 * What the kernel shall do, as data: the rules, in order, each with its reason. Backends turn a plan into
 * nf_tables messages or into text; neither adds a thought of its own.
 *
 * A nat chain sees the first packet of a connection only, so every rule speaks of connections, and a
 * probability is one per connection.
 */
import type { InitConfig } from "./config.ts";
import { formatRange, type Range } from "./ranges.ts";

export type ChainName = "prerouting" | "output";

/** What must hold of a connection. */
export type Match =
  | { readonly kind: "tcp" }
  | { readonly kind: "not-tcp" }
  | { readonly kind: "port"; readonly range: Range }
  | { readonly kind: "user"; readonly range: Range }
  | { readonly kind: "group"; readonly range: Range }
  | { readonly kind: "loopback4" }
  | { readonly kind: "loopback6" }
  | { readonly kind: "link-local6" }
  /** A fresh random number of 32 bits is `threshold` or more. */
  | { readonly kind: "random"; readonly threshold: number };

/** Let the connection pass unchanged, or send it to a local port. */
export type Action = { readonly kind: "return" } | { readonly kind: "redirect"; readonly port: number };

export interface Rule {
  readonly chain: ChainName;
  readonly match: Match;
  readonly action: Action;
  readonly why: string;
}

export interface Chain {
  readonly name: ChainName;
  readonly why: string;
}

export interface Plan {
  readonly chains: readonly Chain[];
  readonly rules: readonly Rule[];
  /** Names the version of these rules and the configuration they were made from. */
  readonly label: string;
}

/** To be raised whenever the same configuration leads to other rules. */
const RULES_VERSION = 2;
const TWO_TO_32 = 2 ** 32;
const RETURN: Action = { kind: "return" };

/** The rules for a configuration. */
export function makePlan(config: InitConfig): Plan {
  const inbound = config.inboundProbability > 0;
  const outbound = config.outboundProbability > 0;
  return {
    chains: [
      { name: "prerouting", why: chainReason("inbound", inbound) },
      { name: "output", why: chainReason("outbound", outbound) },
    ],
    rules: [...(inbound ? inboundRules(config) : []), ...(outbound ? outboundRules(config) : [])],
    label: `netramesh/${RULES_VERSION} sha256=${digest(config)}`,
  };
}

function chainReason(direction: string, redirects: boolean): string {
  return redirects
    ? `${direction} connections`
    : `${direction} connections: probability 0, none is redirected`;
}

function digest(config: InitConfig): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(config)).digest("hex");
}

function inboundRules(config: InitConfig): Rule[] {
  const own = new Map([
    [config.sidecarPort, "proxy"],
    [config.pprofPort, "profiling"],
    [config.prometheusPort, "metrics"],
  ]);
  return rulesOf("prerouting", [
    NOT_TCP,
    ...[...own].map(([port, name]) => pass(onePort(port), `the sidecar's own ${name} port`)),
    LINK_LOCAL,
    ...sampling(config.inboundProbability),
    ...redirects("inbound", config.inboundPorts, config.sidecarPort),
  ]);
}

function outboundRules(config: InitConfig): Rule[] {
  return rulesOf("output", [
    NOT_TCP,
    ...config.userIds.map((range) =>
      pass({ kind: "user", range }, "the sidecar's own user: redirecting it would loop"),
    ),
    ...config.groupIds.map((range) =>
      pass({ kind: "group", range }, "the sidecar's own group: redirecting it would loop"),
    ),
    pass({ kind: "loopback4" }, "inside the pod, as is Docker's DNS at 127.0.0.11"),
    pass({ kind: "loopback6" }, "inside the pod"),
    LINK_LOCAL,
    ...sampling(config.outboundProbability),
    ...redirects("outbound", config.outboundPorts, config.sidecarPort),
  ]);
}

function onePort(port: number): Match {
  return { kind: "port", range: { first: port, last: port } };
}

type Draft = Omit<Rule, "chain">;

const NOT_TCP = pass({ kind: "not-tcp" }, "only TCP is redirected");
const LINK_LOCAL = pass({ kind: "link-local6" }, "link-local: it cannot be dialled without its interface");

function pass(match: Match, why: string): Draft {
  return { match, action: RETURN, why };
}

/** A share that rounds to none of 2^32 still redirects one connection in 2^32; one that rounds to all redirects all. */
function sampling(probability: number): Draft[] {
  const threshold = Math.max(1, Math.round(probability * TWO_TO_32));
  if (threshold >= TWO_TO_32) return [];
  return [pass({ kind: "random", threshold }, `redirect a share of ${probability} of the connections`)];
}

function redirects(direction: string, ports: readonly Range[] | null, port: number): Draft[] {
  const action: Action = { kind: "redirect", port };
  if (ports === null) {
    return [
      { match: { kind: "tcp" }, action, why: `every other ${direction} connection goes to the sidecar` },
    ];
  }
  return ports.map((range) => ({
    match: { kind: "port", range },
    action,
    why: `${direction} port ${formatRange(range)} goes to the sidecar`,
  }));
}

function rulesOf(chain: ChainName, drafts: readonly Draft[]): Rule[] {
  return drafts.map((draft) => ({ chain, ...draft }));
}
