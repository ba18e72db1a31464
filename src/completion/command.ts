/** `netramesh completion`: what a shell needs to complete command lines. */
import type { CommandDef } from "citty";
import { UsageError } from "../command-line.ts";
import type { CommandSet } from "../commands.ts";
import { EXIT_DONE } from "../exit-codes.ts";

/** `all` gives every command, this one included; `out` takes what belongs on standard output. */
export function completionCommand(all: () => CommandSet, out: (text: string) => void): CommandDef {
  return {
    meta: { name: "completion", description: "Print a script that completes command lines in a shell" },
    args: {
      shell: { type: "positional", valueHint: "bash|zsh|fish", required: false, description: "Which shell" },
    },
    // Loaded by those who need it: the sidecar's memory is for its connections.
    run: async ({ rawArgs: shells }) => {
      const { writeCompletion } = await import("./run.ts");
      const script = shells.length === 1 ? writeCompletion(shells[0]!, all()) : null;
      if (script === null) throw new UsageError("completion needs one shell: bash, zsh or fish");
      out(script);
      return EXIT_DONE;
    },
  };
}
