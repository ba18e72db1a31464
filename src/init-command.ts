/** The words of `netramesh init`. */
import type { CommandDef } from "citty";

const args = {
  "dry-run": {
    type: "boolean",
    description: "Print what would be done in the syntax of nft or iptables, change nothing",
  },
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
    valueHint: "text|json",
    description: "Of --check, --status and --explain: for people or for programs (text)",
  },
} as const satisfies CommandDef["args"];

/** The command; `out` is handed what belongs on standard output. */
export function initCommand(out: (text: string) => void): CommandDef {
  return {
    meta: { name: "init", description: "Redirect this network namespace's TCP connections to the sidecar" },
    args,
    run: async ({ args: words }) => (await import("./init-action.ts")).runAction(words, out),
  };
}
