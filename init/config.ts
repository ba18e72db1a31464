import { Bad, decimal, type Parser, port } from "../src/env.ts";
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

/** A variable whose value cannot be meant, and what would be right. */
export interface Problem {
  readonly variable: string;
  readonly value: string;
  readonly expected: string;
}

export type ParsedInitConfig =
  | { readonly config: InitConfig; readonly warnings: readonly string[] }
  | { readonly problems: readonly Problem[] };

const DEFAULT_ID: readonly Range[] = [{ first: 1337, last: 1337 }];

/** Reads the variables of init. Empty or unset means the default. Every problem is found, not only the first. */
export function parseInitConfig(env: Readonly<Record<string, string | undefined>>): ParsedInitConfig {
  const problems: Problem[] = [];
  const read = <T>(variable: string, parse: Parser<T>, fallback: T): T => {
    const value = env[variable]?.trim() ?? "";
    if (value === "") return fallback;
    const parsed = parse(value);
    if (!(parsed instanceof Bad)) return parsed;
    problems.push({ variable, value, expected: parsed.expected });
    return fallback;
  };
  const listenPort = read("NETRA_PORT", port, null);
  const redirectPort = read("NETRA_SIDECAR_PORT", port, null);
  const config: InitConfig = {
    sidecarPort: redirectPort ?? listenPort ?? 14956,
    pprofPort: read("NETRA_PPROF_PORT", port, 14957),
    prometheusPort: read("NETRA_PROMETHEUS_PORT", port, 14958),
    userIds: read("NETRA_SIDECAR_USER_ID", idSelection, DEFAULT_ID),
    groupIds: read("NETRA_SIDECAR_GROUP_ID", idSelection, DEFAULT_ID),
    inboundPorts: read("INBOUND_INTERCEPT_PORTS", portSelection, null),
    outboundPorts: read("OUTBOUND_INTERCEPT_PORTS", portSelection, null),
    inboundProbability: read("NETRA_INBOUND_PROBABILITY", decimal(0, 1), 1),
    outboundProbability: read("NETRA_OUTBOUND_PROBABILITY", decimal(0, 1), 1),
  };
  if (problems.length > 0) return { problems };
  return { config: Object.freeze(config), warnings: portWarnings(listenPort, redirectPort) };
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
