/** `netramesh init`: puts the rules in place, removes them, or tells what is there. */
import { describeErrno, Errno } from "../ffi/errno.ts";
import type { Problem } from "../src/env.ts";
import type { Log } from "../src/log.ts";
import { apply, disable, printPlan } from "./apply.ts";
import { allBackends } from "./backends.ts";
import { type BackendChoice, formatProblem, parseBackendChoice, parseInitConfig } from "./config.ts";
import { check, explain, status } from "./inspect.ts";
import { signOfHost } from "./place.ts";
import { linux } from "./system.ts";
import { fail, type InitAction, type InitOptions, type Task, type Wanted } from "./task.ts";
import { cleanUp, confirm, revert } from "./undo.ts";

const WITHOUT_CONFIGURATION = { disable, cleanup: cleanUp, status, confirm, revert } as const;
const WITH_CONFIGURATION = { apply, check, explain } as const;

/** Returns the exit code: 0 done and verified, 1 could not, 2 the request is wrong and nothing was tried. */
export function runInit(options: InitOptions): number {
  const { action } = options;
  return isIndependent(action) ? runIndependent(options, action) : runConfigured(options, action);
}

type Independent = keyof typeof WITHOUT_CONFIGURATION;

function isIndependent(action: InitAction): action is Independent {
  return action in WITHOUT_CONFIGURATION;
}

/** What can be done although the configuration may be broken. */
function runIndependent(options: InitOptions, action: Independent): number {
  const choice = parseBackendChoice(options.env);
  if (typeof choice === "object") return complain(options.log, [choice]);
  const task = makeTask(options, choice);
  return enter(task) ? WITHOUT_CONFIGURATION[action](task) : 1;
}

function runConfigured(options: InitOptions, action: keyof typeof WITH_CONFIGURATION): number {
  const parsed = parseInitConfig(options.env);
  if ("problems" in parsed) return complain(options.log, parsed.problems);
  for (const warning of parsed.warnings) options.log.warn(warning);
  const task = makeTask(options, parsed.choice);
  if (!enter(task)) return 1;
  const sign = signOfHost(task.system, options.env);
  const wanted: Wanted = { config: parsed.config, place: sign === null ? "pod" : "host", sign: sign ?? "" };
  return options.dryRun ? printPlan(task, wanted) : WITH_CONFIGURATION[action](task, wanted);
}

function makeTask(options: InitOptions, choice: BackendChoice): Task {
  const { system = linux } = options;
  return { ...options, system, backends: allBackends(system), choice };
}

function complain(log: Log, problems: readonly Problem[]): number {
  for (const problem of problems) log.error(formatProblem(problem));
  return 2;
}

function enter({ log, system, netns = null }: Task): boolean {
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
