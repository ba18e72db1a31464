/** Where the sidecar of this pod answers, from the variables that hooks have in common with it. */
import type { Address } from "../../address.ts";
import { NETWORK } from "../../config/own-variables.ts";
import { readTable } from "../../config/variable.ts";
import { type Environment, EnvReader, formatProblem } from "../../env.ts";

const LOOPBACK = "127.0.0.1";
/** What listens on every address listens on loopback. */
const EVERYWHERE: Readonly<Record<string, string>> = { "0.0.0.0": LOOPBACK, "::": "::1" };

const { NETRA_PPROF_HOST, NETRA_PPROF_PORT, NETRA_PROMETHEUS_PORT } = NETWORK;

export interface Ports {
  readonly metrics: Address;
  readonly debug: Address;
  /** Wrong variables, one line each; then the addresses are not to be used. */
  readonly problems: readonly string[];
}

/** Reads the three variables that say it. */
export function findPorts(environment: Environment): Ports {
  const reader = new EnvReader(environment);
  const own = readTable(reader, { NETRA_PPROF_HOST, NETRA_PPROF_PORT, NETRA_PROMETHEUS_PORT });
  return {
    metrics: { ip: LOOPBACK, port: own.NETRA_PROMETHEUS_PORT },
    debug: { ip: EVERYWHERE[own.NETRA_PPROF_HOST] ?? own.NETRA_PPROF_HOST, port: own.NETRA_PPROF_PORT },
    problems: reader.problems.map(formatProblem),
  };
}
