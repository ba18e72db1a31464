import {
  decimal,
  type Environment,
  EnvReader,
  goBool,
  listOf,
  oneOf,
  type Parser,
  type Problem,
  port,
} from "../src/env.ts";
import { type InterfaceName, interfaceName } from "./interface-name.ts";
import { type Network, network } from "./network.ts";
import { idSelection, portList, portSelection, type Range, type UserPorts, userPorts } from "./ranges.ts";

/** What `netramesh init` was asked to do. */
export interface InitConfig {
  /** Where both directions are redirected to. */
  readonly sidecarPort: number;
  readonly pprofPort: number;
  readonly prometheusPort: number;
  /** Connections of these users and groups are not redirected: the sidecar's own. */
  readonly userIds: readonly Range[];
  readonly groupIds: readonly Range[];
  /** Destination ports to redirect; null means all. */
  readonly inboundPorts: readonly Range[] | null;
  readonly outboundPorts: readonly Range[] | null;
  /** The share of new connections to redirect, 0..1. */
  readonly inboundProbability: number;
  readonly outboundProbability: number;
  /** Destination ports that are not redirected, whatever else says. */
  readonly inboundSkipPorts: readonly Range[];
  readonly outboundSkipPorts: readonly Range[];
  /** Connections of some users to some ports that are not redirected. */
  readonly outboundSkipUserPorts: readonly UserPorts[];
  /** Where inbound connections come from, and outbound ones go to, that are not redirected. */
  readonly inboundSkipNetworks: readonly Network[];
  readonly outboundSkipNetworks: readonly Network[];
  /** What comes in or leaves through them is not redirected. */
  readonly skipInterfaces: readonly InterfaceName[];
  /** Calls to an address of this network namespace are not redirected. */
  readonly skipSelf: boolean;
  /** TCP packets that belong to no connection are dropped. */
  readonly dropInvalid: boolean;
  /** Connections made to the sidecar's port itself are refused. */
  readonly guardPort: boolean;
}

/** How rules are put in place; auto: nf_tables, and where the kernel has none, iptables. */
export type BackendChoice = "auto" | "nft" | "iptables";

export type ParsedInitConfig =
  | { readonly config: InitConfig; readonly choice: BackendChoice; readonly warnings: readonly string[] }
  | { readonly problems: readonly Problem[] };

export const DEFAULT_SIDECAR_PORT = 14956;
const DEFAULT_ID: readonly Range[] = [{ first: 1337, last: 1337 }];

/** Reads the variables of init. Blank or unset means the default. Every problem is found, not only the first. */
export function parseInitConfig(env: Environment): ParsedInitConfig {
  const read = new EnvReader(trimmed(env));
  const listenPort = read.value("NETRA_PORT", null, port);
  const redirectPort = read.value("NETRA_SIDECAR_PORT", null, port);
  const config: InitConfig = {
    sidecarPort: redirectPort ?? listenPort ?? DEFAULT_SIDECAR_PORT,
    pprofPort: read.value("NETRA_PPROF_PORT", 14957, port),
    prometheusPort: read.value("NETRA_PROMETHEUS_PORT", 14958, port),
    userIds: read.value("NETRA_SIDECAR_USER_ID", DEFAULT_ID, idSelection),
    groupIds: read.value("NETRA_SIDECAR_GROUP_ID", DEFAULT_ID, idSelection),
    inboundPorts: read.value("INBOUND_INTERCEPT_PORTS", null, portSelection),
    outboundPorts: read.value("OUTBOUND_INTERCEPT_PORTS", null, portSelection),
    inboundProbability: read.value("NETRA_INBOUND_PROBABILITY", 1, decimal(0, 1)),
    outboundProbability: read.value("NETRA_OUTBOUND_PROBABILITY", 1, decimal(0, 1)),
    inboundSkipPorts: read.value("INBOUND_SKIP_PORTS", [], portList),
    outboundSkipPorts: read.value("OUTBOUND_SKIP_PORTS", [], portList),
    outboundSkipUserPorts: read.value("OUTBOUND_SKIP_USER_PORTS", [], setOf(userPorts)),
    inboundSkipNetworks: read.value("INBOUND_SKIP_CIDRS", [], setOf(network)),
    outboundSkipNetworks: read.value("OUTBOUND_SKIP_CIDRS", [], setOf(network)),
    skipInterfaces: read.value("SKIP_INTERFACES", [], setOf(interfaceName)),
    skipSelf: read.value("NETRA_SKIP_SELF", false, goBool),
    dropInvalid: read.value("NETRA_DROP_INVALID", false, goBool),
    guardPort: read.value("NETRA_GUARD_PORT", false, goBool),
  };
  const choice = readChoice(read);
  if (read.problems.length > 0) return { problems: read.problems };
  return { config: Object.freeze(config), choice, warnings: portWarnings(listenPort, redirectPort) };
}

/** Which backend is wanted, or what is wrong with the wish; all that is read where no rules are made. */
export function parseBackendChoice(env: Environment): BackendChoice | Problem {
  const read = new EnvReader(trimmed(env));
  const choice = readChoice(read);
  return read.problems[0] ?? choice;
}

function readChoice(read: EnvReader): BackendChoice {
  return read.value<BackendChoice>("NETRA_BACKEND", "auto", oneOf("auto", "nft", "iptables"));
}

/** Each item once, in an order that does not depend on how the list was written. */
function setOf<T>(item: Parser<T>): Parser<T[]> {
  return (text) => {
    const items = listOf(item)(text);
    if (!Array.isArray(items)) return items;
    const byText = new Map(items.map((each) => [JSON.stringify(each), each]));
    return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  };
}

/** The shell of 0.10's init dropped spaces around a value. */
function trimmed(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value?.trim()]));
}

/** The sidecar listens on one variable and init redirects to another: in one place they should agree. */
function portWarnings(listenPort: number | null, redirectPort: number | null): string[] {
  if (listenPort === null || redirectPort === null || listenPort === redirectPort) return [];
  return [
    `NETRA_PORT is ${listenPort} but NETRA_SIDECAR_PORT is ${redirectPort}: connections are redirected to ` +
      `${redirectPort}, where a sidecar that reads the same NETRA_PORT does not listen`,
  ];
}

/** One line for a person: `NETRA_SIDECAR_PORT is "abc": it must be a port from 1 to 65535`. */
export function formatProblem({ variable, value, expected }: Problem): string {
  return `${variable} is ${JSON.stringify(value)}: it must be ${expected}`;
}
