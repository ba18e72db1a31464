/** What the words of `netramesh init` mean together. How it is done, init/ knows. */
import { runInit } from "../init/run.ts";
import type { InitAction, InitOptions } from "../init/task.ts";
import { UsageError } from "./command-line.ts";
import { Bad, goDuration } from "./env.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./exit-codes.ts";
import { createLog, type Log } from "./log.ts";
import { startReverter, waitToRevert } from "./reverter.ts";

/** How long the log may take to be read before the process ends. */
const LOG_PATIENCE_MS = 1000;
const LONGEST_REVERT_MS = 24 * 60 * 60 * 1000;

/** As they were read, by name. */
export type Words = Readonly<Record<string, unknown>>;

/** Of these at most one. */
const ACTIONS: readonly InitAction[] = [
  "disable",
  "cleanup",
  "check",
  "status",
  "explain",
  "confirm",
  "revert",
];
/** What goes only with some actions. */
const GOES_WITH: Readonly<Record<string, readonly InitAction[]>> = {
  "dry-run": ["apply", "disable", "cleanup"],
  validate: ["apply", "check"],
  force: ["apply"],
  "revert-after": ["apply", "revert"],
  output: ["check", "status", "explain"],
};

/** What the words ask for. */
interface Asked {
  readonly action: InitAction;
  readonly dryRun: boolean;
  readonly validate: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly netns: string | null;
  readonly mark: string | null;
  /** When the rules go unless they are confirmed; null: never. */
  readonly revertAfterMs: number | null;
}

/** Does what `words` ask for, hands what belongs on standard output to `out`, returns the exit code. Throws UsageError. */
export async function runAction(words: Words, out: (text: string) => void): Promise<number> {
  const asked = readWords(words);
  const log = createLog({ level: "info", sink: Bun.stderr.writer() });
  const exitCode = await act(asked, out, log);
  await log.drain(LOG_PATIENCE_MS);
  return exitCode;
}

async function act(asked: Asked, out: (text: string) => void, log: Log): Promise<number> {
  const options = { ...asked, env: process.env, out, log };
  if (asked.action === "revert") await waitToRevert(asked.revertAfterMs ?? 0);
  else if (asked.revertAfterMs !== null && !asked.dryRun) return applyForATime(options, asked.revertAfterMs);
  return runInit(options);
}

/**
 * Nothing is applied before the process is there that may undo it, and it stays unless nothing was tried: rules that
 * did not pass their validation are to go too.
 */
async function applyForATime(options: InitOptions, delayMs: number): Promise<number> {
  const { log } = options;
  const reverter = await startReverter(delayMs, options.netns ?? null);
  if (reverter === null) {
    log.error("nothing was changed: the process that would remove the rules again does not start");
    return EXIT_FAILED;
  }
  const exitCode = runInit({ ...options, mark: reverter.mark });
  if (exitCode === EXIT_USAGE) {
    reverter.stop();
    return exitCode;
  }
  const end = reverter.begin().toISOString();
  log.warn(`these rules are removed again at ${end} unless confirmed: netramesh init --confirm`);
  return exitCode;
}

/** Throws UsageError for words that do not belong together. */
function readWords(words: Words): Asked {
  const action = readAction(words);
  return {
    action,
    dryRun: words["dry-run"] === true,
    validate: words.validate === true,
    force: words.force === true,
    json: readOutput(words.output) === "json",
    netns: (words.netns as string | undefined) ?? null,
    mark: (words.revert as string | undefined) ?? null,
    revertAfterMs: readDelay(words["revert-after"]),
  };
}

function readAction(words: Words): InitAction {
  const isGiven = (word: string) => words[word] !== undefined && words[word] !== false;
  const [action = "apply", other] = ACTIONS.filter(isGiven);
  if (other) throw new UsageError(`--${action} and --${other} exclude each other`);
  for (const [word, actions] of Object.entries(GOES_WITH)) {
    if (isGiven(word) && !actions.includes(action)) throw new UsageError(explainMisfit(word, action));
  }
  return action;
}

function explainMisfit(word: string, action: InitAction): string {
  if (action !== "apply") return `--${word} does not go with --${action}`;
  return `--${word} needs ${GOES_WITH[word]!.map((each) => `--${each}`).join(" or ")}`;
}

function readDelay(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const delayMs = goDuration(text);
  if (!(delayMs instanceof Bad) && delayMs > 0 && delayMs <= LONGEST_REVERT_MS) return delayMs;
  throw new UsageError(
    `--revert-after ${JSON.stringify(text)} is not a time up to 24h, such as 60s or 1m30s`,
  );
}

function readOutput(format: unknown): "text" | "json" {
  if (format === undefined || format === "text") return "text";
  if (format === "json") return "json";
  throw new UsageError(`--output ${JSON.stringify(format)} is neither text nor json`);
}
