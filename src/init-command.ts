/** The words of `netramesh init`. What they do, init/ knows. */
import type { CommandDef } from "citty";
import { runInit } from "../init/run.ts";
import type { InitAction } from "../init/task.ts";
import { UsageError } from "./command-line.ts";
import { Bad, goDuration } from "./env.ts";
import { EXIT_FAILED } from "./exit-codes.ts";
import { createLog, type ProcessLog } from "./log.ts";
import { startReverter, waitToRevert } from "./reverter.ts";

/** How long the log may take to be read before the process ends. */
const LOG_PATIENCE_MS = 1000;
const LONGEST_REVERT_MS = 24 * 60 * 60 * 1000;

const args = {
  "dry-run": { type: "boolean", description: "Print what would be done in nft syntax, change nothing" },
  disable: { type: "boolean", description: "Redirect nothing new; connections in flight go on" },
  cleanup: {
    type: "boolean",
    description: "Remove the rules; connections that go through them are reset",
  },
  check: { type: "boolean", description: "Exit code 0 if the rules of this configuration are in place" },
  status: { type: "boolean", description: "Print what is in place and what its rules have counted" },
  explain: { type: "boolean", description: "Print every rule of this configuration with its reason" },
  validate: { type: "boolean", description: "Also prove by a connection that outbound ones are redirected" },
  netns: { type: "string", valueHint: "PATH", description: "Another network namespace: /run/netns/NAME" },
  force: { type: "boolean", description: "Also where this looks like a host's network, not a pod's" },
  "revert-after": {
    type: "string",
    valueHint: "60s",
    description: "Remove the rules after this time unless they are confirmed",
  },
  confirm: { type: "boolean", description: "Let rules stay that would be removed" },
  revert: { type: "string", valueHint: "MARK", description: "What --revert-after leaves running" },
  output: {
    type: "string",
    valueHint: "json",
    description: "Of --check, --status and --explain: text or json",
  },
} as const satisfies CommandDef["args"];

type Words = Readonly<Record<string, unknown>>;

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

/** The command; `answer` is handed what belongs on standard output. */
export function initCommand(answer: (text: string) => void): CommandDef {
  return {
    meta: { name: "init", description: "Redirect this network namespace's TCP connections to the sidecar" },
    args,
    async run({ args: words }) {
      const action = readAction(words);
      const delayMs = readDelay(words["revert-after"]);
      const json = readOutput(words.output) === "json";
      const log = createLog({ level: "info", sink: Bun.stderr.writer() });
      const exitCode = await act(words, action, delayMs, json, answer, log);
      await log.drain(LOG_PATIENCE_MS);
      return exitCode;
    },
  };
}

async function act(
  words: Words,
  action: InitAction,
  delayMs: number | null,
  json: boolean,
  out: (text: string) => void,
  log: ProcessLog,
): Promise<number> {
  const netns = (words.netns as string | undefined) ?? null;
  const flags = {
    dryRun: words["dry-run"] === true,
    validate: words.validate === true,
    force: words.force === true,
  };
  const options = { env: process.env, action, ...flags, json, netns, out, log };
  if (action === "revert") {
    await waitToRevert(delayMs ?? 0);
    return runInit({ ...options, mark: words.revert as string });
  }
  if (delayMs === null || flags.dryRun) return runInit(options);
  const reverter = await startReverter(delayMs, netns);
  if (reverter === null) {
    log.error("nothing was changed: the process that would undo the rules does not start");
    return EXIT_FAILED;
  }
  const exitCode = runInit({ ...options, mark: reverter.mark });
  if (exitCode === 0)
    log.warn(`removed again at ${reverter.at.toISOString()} unless confirmed: netramesh init --confirm`);
  else reverter.stop();
  return exitCode;
}

function readAction(words: Words): InitAction {
  const asked = ACTIONS.filter((action) => words[action] !== undefined && words[action] !== false);
  if (asked.length > 1) throw new UsageError(`--${asked[0]} and --${asked[1]} exclude each other`);
  const [action = "apply"] = asked;
  for (const [flag, actions] of Object.entries(GOES_WITH)) {
    if (words[flag] === undefined || words[flag] === false || actions.includes(action)) continue;
    throw new UsageError(
      action === "apply"
        ? `--${flag} needs ${actions.map((each) => `--${each}`).join(" or ")}`
        : `--${flag} does not go with --${action}`,
    );
  }
  return action;
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
