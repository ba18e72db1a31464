/**
 * What the kernel shall do, as data: the rules, in order, each with its reason. Backends turn a plan into
 * nf_tables messages or into text; neither adds a thought of its own.
 *
 * A nat chain sees the first packet of a connection only, so its rules speak of connections, and a
 * probability is one per connection.
 */
import { DEFAULT_SIDECAR_PORT, type InitConfig } from "./config.ts";
import { redirectsNothing } from "./drafts.ts";
import { inboundRules } from "./inbound.ts";
import type { InterfaceName } from "./interface-name.ts";
import type { Network } from "./network.ts";
import { outboundRules } from "./outbound.ts";
import type { Range } from "./ranges.ts";
import { guardRules, strayRules } from "./watch.ts";

export type ChainName = "prerouting" | "output" | "strays" | "guard";

/** Where a packet comes from or goes to. */
export type End = "source" | "destination";

/** What must hold of a connection. */
export type Match =
  | { readonly kind: "tcp" }
  | { readonly kind: "not-tcp" }
  | { readonly kind: "port"; readonly range: Range }
  /** Any of many ports; `set` names the list. */
  | { readonly kind: "ports"; readonly set: string; readonly ranges: readonly Range[] }
  | { readonly kind: "user"; readonly range: Range }
  | { readonly kind: "group"; readonly range: Range }
  | { readonly kind: "network"; readonly end: End; readonly network: Network }
  | { readonly kind: "interface"; readonly end: End; readonly name: InterfaceName }
  /** Whether the destination is an address of this network namespace. */
  | { readonly kind: "local"; readonly is: boolean }
  /** A fresh random number of 32 bits is `threshold` or more. */
  | { readonly kind: "random"; readonly threshold: number }
  /** No SYN: the connection is older than the rules. */
  | { readonly kind: "mid-stream" }
  /** Belongs to no connection that the kernel knows. */
  | { readonly kind: "invalid" }
  | { readonly kind: "not-redirected" };

/** Let it pass unchanged, send it to a local port, forget it, or refuse it with a reset. */
export type Action =
  | { readonly kind: "return" }
  | { readonly kind: "redirect"; readonly port: number }
  | { readonly kind: "drop" }
  | { readonly kind: "reject" };

export interface Rule {
  readonly chain: ChainName;
  /** All of them must hold. */
  readonly matches: readonly Match[];
  readonly action: Action;
  readonly why: string;
}

/** A rule whose chain is still open. */
export type Draft = Omit<Rule, "chain">;

export interface Chain {
  readonly name: ChainName;
  readonly type: "nat" | "filter";
  readonly hook: "prerouting" | "input" | "output";
  /** Chains at the same hook run in ascending order. */
  readonly priority: number;
  readonly why: string;
}

export interface Plan {
  readonly chains: readonly Chain[];
  readonly rules: readonly Rule[];
  /** Names the version of these rules and the configuration they were made from. */
  readonly label: string;
}

/** A pod has its network to itself; a host carries others' traffic too, and whoever works on it came by SSH. */
export type Place = "pod" | "host";

/** To be raised whenever the same configuration leads to other rules. */
const RULES_VERSION = 3;
/** Just before the place (-100) where iptables and other meshes redirect: the first NAT verdict wins. */
const NAT_PRIORITY = -101;
/** After connections are looked up (-200) and before any redirect. */
const MANGLE_PRIORITY = -150;
const FILTER_PRIORITY = 0;

const INBOUND = natChain("prerouting", "inbound connections");
const OUTBOUND = natChain("output", "outbound connections");

/** The rules for a configuration. */
export function makePlan(config: InitConfig, place: Place): Plan {
  const none = redirectsNothing(config.sidecarPort, "probability 0: none is redirected");
  const inbound = config.inboundProbability > 0 ? inboundRules(config, place) : none;
  const outbound = config.outboundProbability > 0 ? outboundRules(config, place) : none;
  return makePlanOf(`sha256=${digest([config, place])}`, [
    { chain: INBOUND, drafts: inbound },
    { chain: OUTBOUND, drafts: outbound },
    ...(config.dropInvalid ? [{ chain: STRAYS, drafts: strayRules(place) }] : []),
    ...(config.guardPort ? [{ chain: GUARD, drafts: guardRules(config.sidecarPort) }] : []),
  ]);
}

/** Nothing new is redirected, and connections in flight keep their addresses. */
export function disabledPlan(): Plan {
  const drafts = redirectsNothing(DEFAULT_SIDECAR_PORT, "disabled: none is redirected");
  return makePlanOf("disabled", [
    { chain: INBOUND, drafts },
    { chain: OUTBOUND, drafts },
  ]);
}

interface FilledChain {
  readonly chain: Chain;
  readonly drafts: readonly Draft[];
}

function makePlanOf(label: string, filled: readonly FilledChain[]): Plan {
  return {
    chains: filled.map(({ chain }) => chain),
    rules: filled.flatMap(({ chain, drafts }) => drafts.map((draft) => ({ chain: chain.name, ...draft }))),
    label: `netramesh/${RULES_VERSION} ${label}`,
  };
}

function natChain(hook: "prerouting" | "output", why: string): Chain {
  return { name: hook, type: "nat", hook, priority: NAT_PRIORITY, why };
}

const STRAYS: Chain = {
  name: "strays",
  type: "filter",
  hook: "prerouting",
  priority: MANGLE_PRIORITY,
  why: "packets that would reset a redirected connection",
};
const GUARD: Chain = {
  name: "guard",
  type: "filter",
  hook: "input",
  priority: FILTER_PRIORITY,
  why: "connections made to the sidecar's port itself",
};

function digest(value: unknown): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(value)).digest("hex");
}
