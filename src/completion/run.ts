/** What `netramesh completion` prints. Loaded when it runs. */
import { type CommandText, describeCommands } from "../command-texts.ts";
import type { CommandSet } from "../commands.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS: Readonly<Record<string, (commands: readonly CommandText[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script for a shell; null if there is none for it. */
export function writeCompletion(shell: string, commands: CommandSet): string | null {
  const write = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell]! : null;
  return write === null ? null : write(describeCommands(commands));
}
