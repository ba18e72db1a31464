/** `netramesh init`: puts the rules in place, removes them, or tells what is there. */
import { describeErrno, Errno } from "../ffi/errno.ts";
import type { Problem } from "../src/env.ts";
import type { Log } from "../src/log.ts";
import { apply, disable, printPlan } from "./apply.ts";
import { allBackends } from "./backends.ts";
import { formatProblem, parseBackendChoice, parseInitConfig } from "./config.ts";
import { check, explain, status } from "./inspect.ts";
import { signOfHost } from "./place.ts";
import { linux } from "./system.ts";
import { fail, type InitOptions, type Task, type Wanted } from "./task.ts";
import { cleanUp, confirm, revert } from "./undo.ts";

const WITHOUT_CONFIGURATION = { disable, cleanup: cleanUp, status, confirm, revert } as const;
const WITH_CONFIGURATION = { apply, check, explain } as const;

/** Returns the exit code: 0 done and verified, 1 could not, 2 the request is wrong and nothing was tried. */
export function runInit(options: InitOptions): number {
  const { env, log, action, netns = null, system = linux } = options;
  const choice = parseBackendChoice(env);
  if (typeof choice === "object") return complain(log, [choice]);
  const task: Task = { ...options, system, backends: allBackends(system), choice };
  if (action in WITHOUT_CONFIGURATION) {
    if (!enter(task, netns)) return 1;
    return WITHOUT_CONFIGURATION[action as keyof typeof WITHOUT_CONFIGURATION](task);
  }
  const parsed = parseInitConfig(env);
  if ("problems" in parsed) return complain(log, parsed.problems);
  for (const warning of parsed.warnings) log.warn(warning);
  if (!enter(task, netns)) return 1;
  const sign = signOfHost(system, env);
  const wanted: Wanted = { config: parsed.config, place: sign === null ? "pod" : "host", sign: sign ?? "" };
  if (options.dryRun) return printPlan(task, wanted);
  return WITH_CONFIGURATION[action as keyof typeof WITH_CONFIGURATION](task, wanted);
}

function complain(log: Log, problems: readonly Problem[]): number {
  for (const problem of problems) log.error(formatProblem(problem));
  return 2;
}

function enter({ log, system }: Task, netns: string | null): boolean {
  const errno = netns === null ? null : system.enterNamespace(netns);
  if (errno === null) return true;
  const why = ENTERING.get(errno) ?? describeErrno(errno);
  fail(log, [`could not enter the network namespace ${JSON.stringify(netns)}: ${why}`]);
  return false;
}

const ENTERING: ReadonlyMap<number, string> = new Map([
  [Errno.ENOENT, "there is no such file"],
  [Errno.EINVAL, "the file is no network namespace"],
  [Errno.EPERM, "that needs the capability SYS_ADMIN"],
]);
