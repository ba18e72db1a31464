/** Taking rules away, and the decision that they stay. */
import { type Backend, Failure } from "./backend.ts";
import { chosen, readStatuses, withEach } from "./backends.ts";
import { removeText } from "./iptables-text.ts";
import { toolsInUse } from "./iptables-tools.ts";
import { cleanupText } from "./nft-text.ts";
import { fail, type Task } from "./task.ts";

/** Removes the rules of every backend; connections that go through them are reset. */
export function cleanUp(task: Task): number {
  const { log } = task;
  if (task.dryRun) return printRemoval(task);
  const failure = withEach(chosen(task.backends, task.choice), (backend) => backend.remove());
  if (failure) return fail(log, failure.lines);
  log.info("the rules of netramesh are removed: nothing is redirected");
  return 0;
}

/** What iptables would be told depends on what is there; nft can be told the same at any time. */
function printRemoval({ choice, system, out, log }: Task): number {
  const tools = choice === "iptables" ? toolsInUse(system) : [];
  if (tools instanceof Failure) return fail(log, tools.lines);
  const texts = tools.map(({ restore, saved }) => `# ${restore} --noflush\n${removeText(saved)}`);
  out(choice === "iptables" ? texts.join("") : cleanupText());
  return 0;
}

/** Lets rules stay that `--revert-after` would remove. */
export function confirm({ backends, log }: Task): number {
  const marked = readMarks(backends);
  if (marked instanceof Failure) return fail(log, marked.lines);
  if (marked.length === 0) return fail(log, ["there are no rules that wait to be confirmed"]);
  for (const { backend, mark } of marked) {
    const failure = backend.confirm(mark);
    if (failure) return fail(log, failure.lines);
  }
  log.info("confirmed: the rules stay");
  return 0;
}

/** Removes the rules of a mark, unless they were confirmed or replaced meanwhile. */
export function revert({ backends, mark, log }: Task): number {
  const marked = readMarks(backends);
  if (marked instanceof Failure) return fail(log, marked.lines);
  const found = marked.find((each) => each.mark === mark);
  if (found === undefined) {
    log.info("the rules were confirmed or replaced: nothing is undone");
    return 0;
  }
  const failure = found.backend.revert(found.mark);
  if (failure) return fail(log, failure.lines);
  log.info("nobody has confirmed the rules: they are removed, nothing is redirected");
  return 0;
}

interface Marked {
  readonly backend: Backend;
  readonly mark: string;
}

/** The marks of rules in place, and whose they are. */
function readMarks(backends: readonly Backend[]): Marked[] | Failure {
  const found = readStatuses(backends);
  if (found instanceof Failure) return found;
  return found.flatMap(({ backend, status: { mark } }) => (mark === null ? [] : [{ backend, mark }]));
}
