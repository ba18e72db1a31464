/** `netramesh inject` and `netramesh uninject`: manifests from files or stdin to stdout, a report to stderr. */
import type { CommandDef } from "citty";
import { SETTING_FLAGS } from "./setting-flags.ts";
import type { Streams } from "./streams.ts";

const FLAGS = {
  files: {
    type: "positional",
    valueHint: "FILE...",
    required: false,
    description: "Manifests, YAML or JSON; without any, or for -, standard input",
  },
  explain: { type: "boolean", description: "Tell each change and its reason, on standard error" },
} as const;

export function injectCommand(version: string, streams: Streams): CommandDef {
  return {
    meta: {
      name: "inject",
      description: "Add the sidecar to Kubernetes manifests, from stdin or files to stdout",
    },
    args: { ...FLAGS, ...SETTING_FLAGS },
    // What it takes to read YAML is loaded by those who need it: the sidecar's memory is for its connections.
    run: async ({ rawArgs }) => (await import("./run.ts")).inject(rawArgs, streams, version),
  };
}

export function uninjectCommand(streams: Streams): CommandDef {
  return {
    meta: {
      name: "uninject",
      description: "Remove the sidecar from Kubernetes manifests that inject has written",
    },
    args: FLAGS,
    run: async ({ rawArgs }) => (await import("./run.ts")).uninject(rawArgs, streams),
  };
}
