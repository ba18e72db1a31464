/** Taking rules away, and the decision that they stay. */
import { Failure, type Status } from "./backend.ts";
import { chosen, withEach } from "./backends.ts";
import { cleanupText } from "./nft-text.ts";
import { fail, type Task } from "./task.ts";

/** Removes the rules of every backend; connections that go through them are reset. */
export function cleanUp(task: Task): number {
  const { out, log } = task;
  if (task.dryRun) {
    out(cleanupText());
    return 0;
  }
  const failure = withEach(chosen(task.backends, task.choice), (backend) => backend.remove());
  if (failure) return fail(log, failure.lines);
  log.info("the rules of netramesh are removed: nothing is redirected");
  return 0;
}

/** Lets rules stay that `--revert-after` would remove. */
export function confirm(task: Task): number {
  const marked = marks(task);
  if (marked.length === 0) return fail(task.log, ["there are no rules that wait to be confirmed"]);
  const failure = withEach(
    task.backends,
    (backend) => marked.map((mark) => backend.confirm(mark)).find((each) => each !== null) ?? null,
  );
  if (failure) return fail(task.log, failure.lines);
  task.log.info("confirmed: the rules stay");
  return 0;
}

/** Removes the rules of a mark, unless they were confirmed or replaced meanwhile. */
export function revert(task: Task): number {
  const { mark, log } = task;
  if (!mark || !marks(task).includes(mark)) {
    log.info("the rules were confirmed or replaced: nothing is undone");
    return 0;
  }
  const failure = withEach(task.backends, (backend) => backend.revert(mark));
  if (failure) return fail(log, failure.lines);
  log.info("nobody has confirmed the rules: they are removed, nothing is redirected");
  return 0;
}

function marks({ backends }: Task): string[] {
  return backends
    .map((backend) => backend.status())
    .filter((status): status is Status => status !== null && !(status instanceof Failure))
    .flatMap(({ mark }) => mark ?? []);
}
