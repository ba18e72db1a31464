/** Which of the two containers a variable goes to, and whether they would take it. */
import { formatProblem, parseInitConfig } from "../../init/config.ts";
import type { Role } from "../config/variable.ts";
import { VARIABLES } from "../config/variables.ts";
import { parseConfig } from "../config.ts";
import { didYouMean } from "../nearest.ts";

type Env = Readonly<Record<string, string>>;

/** What init reads. */
export function initEnv(env: Env): Env {
  return select(env, (name) => readersOf(name).includes("init"));
}

/** What the sidecar reads, and what only its user knows. */
export function sidecarEnv(env: Env): Env {
  return select(env, (name) => readersOf(name).includes("sidecar"));
}

function readersOf(name: string): readonly Role[] {
  return VARIABLES.get(name)?.readBy ?? ["sidecar"];
}

/** What the two would refuse to start with. */
export function environmentProblems(env: Env): readonly string[] {
  const init = parseInitConfig(initEnv(known(env)));
  const { problems } = parseConfig(sidecarEnv(known(env)), "any");
  return [...("problems" in init ? init.problems.map(formatProblem) : []), ...problems];
}

/** What init would start with, but not silently; and what nothing reads. */
export function environmentWarnings(env: Env): string[] {
  // Alone, init cannot know that the sidecar has no other port; here both get the same variables.
  const init = parseInitConfig(initEnv(known({ NETRA_PORT: VARIABLES.get("NETRA_PORT")!.default, ...env })));
  return [...unknownVariables(env), ...("warnings" in init ? init.warnings : [])];
}

/** Without the values that only the pod knows. */
function known(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !value.includes("$(")));
}

/** A warning for every variable that is meant for us but that nothing reads. */
function unknownVariables(env: Env): string[] {
  const names = Object.keys(env).filter(
    (name) => /^(NETRA|INBOUND|OUTBOUND)_/.test(name) && !VARIABLES.has(name),
  );
  const known = [...VARIABLES.keys()];
  return names.map((name) => `unknown variable ${name} has no effect${didYouMean(name, known)}`);
}

function select(env: Env, wanted: (name: string) => boolean): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted(name)));
}
