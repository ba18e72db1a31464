import { describeErrno } from "../ffi/errno.ts";
import { Failure } from "./backend.ts";
import { applyByFirst } from "./backends.ts";
import type { InitConfig } from "./config.ts";
import { explainLacking } from "./failures.ts";
import { SavedTables } from "./iptables-saved.ts";
import { applyText } from "./iptables-text.ts";
import { planText } from "./nft-text.ts";
import { disabledPlan, makePlan, type Plan } from "./plan.ts";
import { formatRange, type Range } from "./ranges.ts";
import { explainRemembered, forgetResets, secondsRemembered } from "./resets.ts";
import { fail, type Task, type Wanted } from "./task.ts";
import { validate } from "./validate.ts";

const LISTED_MAX = 10;

/**
 * Puts the rules for a configuration in place, and has a pod forget what was reset. Refuses on a host, unless it was said
 * that this is meant; what a host remembers is its own business.
 */
export function apply(task: Task, wanted: Wanted): number {
  const { log, mark = null } = task;
  if (wanted.place === "host" && !task.force) {
    log.error(`this network namespace looks like a host's, not a pod's: ${wanted.sign}`);
    log.error(
      "nothing was changed; --force programs it, and --revert-after 60s undoes that unless confirmed",
    );
    return 2;
  }
  const failure = commit(task, makePlan(wanted.config, wanted.place), mark);
  if (failure) return fail(log, failure.lines);
  if (wanted.place === "pod") haveResetsForgotten(task);
  log.info(summary(wanted.config));
  return task.validate ? validate(task, wanted) : 0;
}

/** Redirects nothing new, and leaves connections in flight alone. */
export function disable(task: Task): number {
  if (task.dryRun) return print(task, disabledPlan());
  const failure = commit(task, disabledPlan(), null);
  if (failure) return fail(task.log, failure.lines);
  task.log.info("disabled: no new connection is redirected, those in flight go on");
  return 0;
}

/** Prints what would be applied, in the language of the backend that was asked for, else of nft. */
export function printPlan(task: Task, { config, place }: Wanted): number {
  return print(task, makePlan(config, place));
}

function print({ choice, out }: Task, plan: Plan): number {
  const nothing = new SavedTables("");
  const iptables = ([4, 6] as const).map(
    (version) =>
      `# ip${version === 6 ? "6" : ""}tables-restore --noflush\n${applyText(plan, version, nothing, null)}`,
  );
  out(choice === "iptables" ? iptables.join("") : planText(plan));
  return 0;
}

function commit({ backends, choice }: Task, plan: Plan, mark: string | null): Failure | null {
  const failure = applyByFirst(backends, choice, plan, mark);
  return failure?.isLacking ? new Failure([...failure.lines, explainLacking(choice)]) : failure;
}

/** Without it rules do what they should but for a rare connection. */
function haveResetsForgotten({ log, system }: Task): void {
  const error = forgetResets(system);
  if (error === null) return;
  const why = `${describeErrno(error.errno)}; if the kernel lacks a module: nfnetlink_cttimeout`;
  log.warn(`${explainRemembered(secondsRemembered(system.readProc))}: ${why}`);
}

function summary(config: InitConfig): string {
  const inbound = share(config.inboundPorts, config.inboundProbability);
  const outbound = share(config.outboundPorts, config.outboundProbability);
  return `redirecting to port ${config.sidecarPort}: inbound ${inbound}, outbound ${outbound}`;
}

function share(ports: readonly Range[] | null, probability: number): string {
  if (probability === 0) return "nothing";
  const what = ports === null ? "all ports" : listed(ports);
  return probability === 1 ? what : `${what} with probability ${probability}`;
}

/** A list of thousands is no log line. */
function listed(ports: readonly Range[]): string {
  if (ports.length > LISTED_MAX) return `${ports.length} ports and ranges of ports`;
  return `ports ${ports.map(formatRange).join(",")}`;
}
