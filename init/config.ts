import { decimal, type Environment, EnvReader, type Problem, port } from "../src/env.ts";
import { idSelection, portSelection, type Range } from "./ranges.ts";

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
}

export type ParsedInitConfig =
  | { readonly config: InitConfig; readonly warnings: readonly string[] }
  | { readonly problems: readonly Problem[] };

const DEFAULT_ID: readonly Range[] = [{ first: 1337, last: 1337 }];

/** Reads the variables of init. Blank or unset means the default. Every problem is found, not only the first. */
export function parseInitConfig(env: Environment): ParsedInitConfig {
  const read = new EnvReader(trimmed(env));
  const listenPort = read.value("NETRA_PORT", null, port);
  const redirectPort = read.value("NETRA_SIDECAR_PORT", null, port);
  const config: InitConfig = {
    sidecarPort: redirectPort ?? listenPort ?? 14956,
    pprofPort: read.value("NETRA_PPROF_PORT", 14957, port),
    prometheusPort: read.value("NETRA_PROMETHEUS_PORT", 14958, port),
    userIds: read.value("NETRA_SIDECAR_USER_ID", DEFAULT_ID, idSelection),
    groupIds: read.value("NETRA_SIDECAR_GROUP_ID", DEFAULT_ID, idSelection),
    inboundPorts: read.value("INBOUND_INTERCEPT_PORTS", null, portSelection),
    outboundPorts: read.value("OUTBOUND_INTERCEPT_PORTS", null, portSelection),
    inboundProbability: read.value("NETRA_INBOUND_PROBABILITY", 1, decimal(0, 1)),
    outboundProbability: read.value("NETRA_OUTBOUND_PROBABILITY", 1, decimal(0, 1)),
  };
  if (read.problems.length > 0) return { problems: read.problems };
  return { config: Object.freeze(config), warnings: portWarnings(listenPort, redirectPort) };
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
