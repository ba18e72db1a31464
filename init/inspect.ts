/** What is in place, and whether it is what was asked for; changes nothing. */
import { Failure, type Status } from "./backend.ts";
import { chosen, readStatuses } from "./backends.ts";
import { bareRuleText, chainText } from "./nft-text.ts";
import { makePlan, type Plan } from "./plan.ts";
import { explainRemembered, secondsRemembered } from "./resets.ts";
import { fail, type Task, type Wanted } from "./task.ts";
import { validate } from "./validate.ts";

/** Exit code 0 if the rules of this configuration are in place, 1 if not. */
export function check(task: Task, wanted: Wanted): number {
  const found = findDifference(task, makePlan(wanted.config, wanted.place));
  if (found instanceof Failure) return fail(task.log, found.lines);
  if (task.json) answer(task, { equal: found === null, difference: found });
  if (found !== null) return fail(task.log, [`the rules are not those of this configuration: ${found}`]);
  task.log.info("the rules of this configuration are in place");
  if (wanted.place === "pod") warnOfResets(task);
  return task.validate ? validate(task, wanted) : 0;
}

/** As after init: rules do what they should all the same, but for a rare connection. */
function warnOfResets({ log, system }: Task): void {
  const seconds = secondsRemembered(system.readProc);
  if (seconds) log.warn(`${explainRemembered(seconds)}: run netramesh init again`);
}

/** What is in place, which configuration it is from, and what the rules have counted. */
export function status(task: Task): number {
  const found = readStatuses(chosen(task.backends, task.choice));
  if (found instanceof Failure) return fail(task.log, found.lines);
  const statuses = found.map(({ status }) => status);
  if (task.json) answer(task, { inPlace: statuses });
  else task.out(statuses.map(statusText).join("\n") || "no rules are in place\n");
  return 0;
}

/** Every rule of this configuration with its reason. */
export function explain(task: Task, { config, place }: Wanted): number {
  const plan = makePlan(config, place);
  const chains = plan.chains.map((chain) => ({
    ...chain,
    rules: plan.rules
      .filter((rule) => rule.chain === chain.name)
      .map((rule) => ({ why: rule.why, rule: bareRuleText(rule) })),
  }));
  if (task.json) answer(task, { place, label: plan.label, chains });
  else
    task.out(
      chains.map((chain) => explanation(`${chain.why} (${chainText(chain)})`, chain.rules)).join("\n"),
    );
  return 0;
}

/** Of the first backend whose rules are there. */
function findDifference(task: Task, plan: Plan): string | null | Failure {
  const found = readStatuses(chosen(task.backends, task.choice));
  if (found instanceof Failure) return found;
  const [first] = found;
  return first === undefined ? "no rules are in place" : first.backend.difference(plan);
}

function statusText({ backend, label, mark, rules }: Status): string {
  const head = [backend, label, mark && "waiting for init --confirm"].filter(Boolean).join(", ");
  const lines = rules.map(({ chain, rule, packets }) => [`${packets}`, chain, rule]);
  return `${[head, ...columns(lines)].join("\n")}\n`;
}

function explanation(head: string, rules: readonly { why: string; rule: string }[]): string {
  return `${[head, ...columns(rules.map(({ rule, why }) => [rule, why]))].join("\n")}\n`;
}

/** Rows whose cells stand below each other. */
function columns(rows: readonly string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(width(i))).join("  ")}`.trimEnd());
}

function answer({ out }: Task, value: unknown): void {
  out(`${JSON.stringify(value)}\n`);
}
