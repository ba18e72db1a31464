/** What the reference is made of: the tables that variables are parsed by, and the definitions of the commands. */

import { type CommandText, describeCommands } from "../../src/command-texts.ts";
import { createCommands } from "../../src/commands.ts";
import { INIT } from "../../src/config/init-variables.ts";
import { JAEGER } from "../../src/config/jaeger-variables.ts";
import { OTEL } from "../../src/config/otel-variables.ts";
import { HTTP, NETWORK, OBSERVING, RELOADING } from "../../src/config/own-variables.ts";
import { TRACE } from "../../src/config/trace-variables.ts";
import type { Description, Role } from "../../src/config/variable.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from "../../src/exit-codes.ts";

export interface Group {
  readonly title: string;
  readonly variables: readonly (readonly [name: string, description: Description])[];
}

/** Every variable once, in the order in which people are shown them. */
export const GROUPS: readonly Group[] = [
  group("Connections and ports", NETWORK),
  group("HTTP and routing", HTTP),
  group("Logs and metrics", OBSERVING),
  group("Configuration file", RELOADING),
  group("Traces", TRACE, [JAEGER, OTEL]),
  group("Jaeger", JAEGER),
  group("OpenTelemetry", OTEL),
  group("Rules", INIT),
];

/** The sidecar itself is the first. */
export const COMMANDS: readonly CommandText[] = describeCommands(
  createCommands("", {
    isTerminal: false,
    isColoured: false,
    readInput: async () => new Uint8Array(0),
    readFile: async () => new Uint8Array(0),
    out() {},
    err() {},
  }),
);

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT_DONE, "done; of a check: nothing is wrong"],
  [
    EXIT_FAILED,
    "could not do it: a port in use, a missing right, rules that differ, a check that found errors",
  ],
  [EXIT_USAGE, "usage or configuration: everything that is wrong is listed, nothing was bound or changed"],
];

/** The roles that read a variable. */
export function readers({ readBy = ["sidecar"] }: Description): readonly Role[] {
  return readBy;
}

function group(title: string, table: object, without: readonly object[] = []): Group {
  const all = Object.entries(table) as [string, Description][];
  return { title, variables: all.filter(([name]) => !without.some((other) => name in other)) };
}

/** How a command is called: `netramesh init [OPTIONS]`. */
export function synopsis({ name, options, words }: CommandText): string {
  const parts = ["netramesh", name === "netramesh" ? null : name, options.length > 0 ? "[OPTIONS]" : null];
  return [...parts, words && `[${words.value}]`].filter(Boolean).join(" ");
}
