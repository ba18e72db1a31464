/** `netramesh wait` and `netramesh drain`: what hooks run in an image that has no shell. */
import type { CommandDef } from "citty";
import { loadEnvironment } from "../../config/file.ts";
import { Bad, type Environment, goDuration } from "../../env.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from "../../exit-codes.ts";
import { ask } from "./ask.ts";
import { drainAndWait } from "./drain.ts";
import { waitUntilReady } from "./wait.ts";
import { findPorts, type Ports } from "./where.ts";

const DEFAULT_TIMEOUT = "60s";

export const wait: CommandDef = {
  meta: { name: "wait", description: "Wait until the sidecar of this pod is ready" },
  args: {
    timeout: { type: "string", valueHint: "60s", description: `How long at most (${DEFAULT_TIMEOUT})` },
  },
  run({ args }) {
    const text = (args.timeout as string | undefined) ?? DEFAULT_TIMEOUT;
    const timeoutMs = goDuration(text);
    if (timeoutMs instanceof Bad || timeoutMs < 0) {
      return complain([`--timeout ${JSON.stringify(text)} is not a time such as 60s or 1m30s`], EXIT_USAGE);
    }
    const nowMs = () => performance.now();
    return runHook(process.env, ({ metrics: at }) =>
      waitUntilReady({ at, timeoutMs, ask, nowMs, sleep: Bun.sleep }),
    );
  },
};

export const drain: CommandDef = {
  meta: { name: "drain", description: "Make the sidecar of this pod drain, and wait until it has" },
  run: () => runHook(process.env, ({ debug: at }) => drainAndWait({ at, ask, sleep: Bun.sleep })),
};

/** `hook` gives null if it has done its work, or what is the matter. */
async function runHook(own: Environment, hook: (ports: Ports) => Promise<string | null>): Promise<number> {
  const { file, environment } = await loadEnvironment(own);
  const ports = findPorts(environment);
  const problems = [...file.problems, ...ports.problems];
  if (problems.length > 0) return complain(problems, EXIT_USAGE);
  const failure = await hook(ports);
  return failure === null ? EXIT_DONE : complain([failure], EXIT_FAILED);
}

async function complain(lines: readonly string[], exitCode: number): Promise<number> {
  await Bun.write(Bun.stderr, lines.map((line) => `netramesh: ${line}\n`).join(""));
  return exitCode;
}
