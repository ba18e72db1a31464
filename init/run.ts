/** `netramesh init`: puts the rules in place, or removes them, and proves it by reading them back. */
import { KernelError, type Netlink, openNetlink } from "../ffi/netlink.ts";
import type { Log } from "../src/log.ts";
import { formatProblem, type InitConfig, parseInitConfig } from "./config.ts";
import { explainFailures, explainOutcome } from "./failures.ts";
import { difference } from "./nft-compare.ts";
import { applySteps, cleanupSteps, dumpChains, dumpRules, type Step } from "./nft-messages.ts";
import { cleanupText, planText } from "./nft-text.ts";
import { makePlan } from "./plan.ts";
import { formatRange, type Range } from "./ranges.ts";

const LISTED_MAX = 10;

export interface InitOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Print what would be done, in nft syntax, and touch nothing. */
  readonly dryRun: boolean;
  /** Remove the table instead; the environment is not read. */
  readonly cleanup: boolean;
  /** Standard output: the text of a dry run. */
  readonly out: (text: string) => void;
  readonly log: Log;
  /** How to reach the kernel; the real one unless a test says otherwise. */
  readonly open?: () => Netlink | KernelError;
}

/** Returns the exit code: 0 done and verified, 1 could not, 2 the configuration is wrong and nothing was tried. */
export function runInit(options: InitOptions): number {
  return options.cleanup ? cleanUp(options) : apply(options);
}

function apply(options: InitOptions): number {
  const parsed = parseInitConfig(options.env);
  if ("problems" in parsed) {
    for (const problem of parsed.problems) options.log.error(formatProblem(problem));
    return 2;
  }
  for (const warning of parsed.warnings) options.log.warn(warning);
  const plan = makePlan(parsed.config);
  if (options.dryRun) return print(options, planText(plan));
  return commit(options, applySteps(plan), summary(parsed.config));
}

function cleanUp(options: InitOptions): number {
  if (options.dryRun) return print(options, cleanupText());
  return commit(options, cleanupSteps(), "removed table inet netramesh: nothing is redirected");
}

function print({ out }: InitOptions, text: string): number {
  out(text);
  return 0;
}

function commit({ open = openNetlink, log }: InitOptions, steps: readonly Step[], success: string): number {
  const netlink = open();
  if (netlink instanceof KernelError) return fail(log, explainFailures([netlink], steps));
  try {
    const problems = transactAndVerify(netlink, steps);
    if (problems.length > 0) return fail(log, problems);
    log.info(success);
    return 0;
  } finally {
    netlink.close();
  }
}

function transactAndVerify(netlink: Netlink, steps: readonly Step[]): string[] {
  const errors = netlink.transact(steps.map((step) => step.request));
  if (errors.length > 0) return [...explainFailures(errors, steps), explainOutcome(errors)];
  const chains = netlink.dump(dumpChains);
  const rules = netlink.dump(dumpRules);
  if (chains instanceof KernelError) return explainFailures([chains], []);
  if (rules instanceof KernelError) return explainFailures([rules], []);
  const found = difference(steps, chains, rules);
  return found === null ? [] : [`the rules read back are not those that were sent: ${found}`];
}

function fail(log: Log, lines: readonly string[]): number {
  for (const line of lines) log.error(line);
  return 1;
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
