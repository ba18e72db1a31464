/** Where the sidecar of this pod answers, from the environment that hooks have in common with it. */
import type { Address } from "../../address.ts";
import { type Environment, EnvReader, formatProblem, ip, port } from "../../env.ts";

const LOOPBACK = "127.0.0.1";
/** What listens on every address listens on loopback. */
const EVERYWHERE: Readonly<Record<string, string>> = { "0.0.0.0": LOOPBACK, "::": "::1" };

export interface Ports {
  readonly metrics: Address;
  readonly debug: Address;
  /** Wrong variables, one line each; then the addresses are not to be used. */
  readonly problems: readonly string[];
}

/** Reads the three variables that say it. */
export function findPorts(environment: Environment): Ports {
  const read = new EnvReader(environment);
  const host = read.value("NETRA_PPROF_HOST", LOOPBACK, ip);
  const metrics = { ip: LOOPBACK, port: read.value("NETRA_PROMETHEUS_PORT", 14958, port) };
  const debug = { ip: EVERYWHERE[host] ?? host, port: read.value("NETRA_PPROF_PORT", 14957, port) };
  return { metrics, debug, problems: read.problems.map(formatProblem) };
}
