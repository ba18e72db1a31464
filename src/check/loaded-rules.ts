/** Who may read rules is told whether they are init's: `netramesh init --check`. */
import { runInit } from "../../init/run.ts";
import type { Environment } from "../env.ts";
import { EXIT_DONE, EXIT_USAGE } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { error, type Finding, ok } from "./finding.ts";

/** include/uapi/linux/capability.h */
const CAP_NET_ADMIN = 12n;

/** Nothing for whom the kernel would refuse; `status` is the text of /proc/self/status. */
export function checkLoadedRules(environment: Environment, status: string): Finding[] {
  const [, effective = "0"] = /^CapEff:\s+([\da-f]+)$/m.exec(status) ?? [];
  if (((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 0n) return [];
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  const log: Log = { debug() {}, info() {}, warn() {}, error: keep, fatal: keep };
  const exitCode = runInit({ env: environment, action: "check", out() {}, log });
  // What is wrong with the variables is said elsewhere.
  if (exitCode === EXIT_USAGE) return [];
  if (exitCode === EXIT_DONE) return [ok("rules", "the rules are those that init makes of these variables")];
  const hint = "run the check with init's variables, or netramesh init with these";
  return [error("rules", lines.join("; "), hint)];
}
