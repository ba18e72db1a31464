import { UsageError } from "../command-line.ts";
import { Bad } from "../env.ts";
import { environmentProblems } from "./environment.ts";
import { SIDECAR_UID } from "./names.ts";
import type { Settings } from "./settings.ts";
import { image, isVariable } from "./values.ts";

/** The settings that the words of a command line mean (`--flag` and `--flag=value`). Throws UsageError. */
export function readSettingFlags(words: readonly string[], version: string): Settings {
  const settings: Settings = {
    image: readImage(valuesOf(words, "image").at(-1) ?? `netramesh:${version}`),
    native: !words.includes("--classic"),
    awaited: true,
    uid: SIDECAR_UID,
    resources: {},
    env: readEnv(words),
  };
  const problems = environmentProblems(settings.env);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return settings;
}

/** The values of every `--flag=value` among `words`. */
export function valuesOf(words: readonly string[], flag: string): string[] {
  const start = `--${flag}=`;
  return words.filter((word) => word.startsWith(start)).map((word) => word.slice(start.length));
}

function readImage(text: string): string {
  const value = image(text);
  if (value instanceof Bad) throw new UsageError(`--image ${JSON.stringify(text)} is not ${value.expected}`);
  return value;
}

function readEnv(words: readonly string[]): Record<string, string> {
  const ports = valuesOf(words, "http-ports").map((list) => ["NETRA_HTTP_PORTS", list] as const);
  return Object.fromEntries([...ports, ...valuesOf(words, "env").map(readVariable)]);
}

function readVariable(text: string): [string, string] {
  const [name = "", value] = text.split(/=(.*)/s);
  if (value === undefined || !isVariable(name)) {
    throw new UsageError(`--env ${JSON.stringify(text)} is not NAME=VALUE`);
  }
  return [name, value];
}
