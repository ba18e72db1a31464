/** What is to be said of the commands, read from their definitions. */
import type { ArgsDef, CommandDef, CommandMeta } from "citty";
import type { CommandSet } from "./commands.ts";

export interface OptionText {
  /** Without the two dashes. */
  readonly name: string;
  /** What its value looks like; null: it takes none. */
  readonly value: string | null;
  /** The values there are, where they are few. */
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CommandText {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionText[];
  /** What it takes besides options; null: nothing. */
  readonly words: OptionText | null;
}

/** The command that runs without a name first, then the others in their order. */
export function describeCommands({ root, commands }: CommandSet): CommandText[] {
  const named = Object.entries(commands).map(([name, command]) => describe(name, command));
  return [describe("netramesh", root), ...named];
}

function describe(name: string, { meta, args = {} }: CommandDef): CommandText {
  const texts = Object.entries(args as ArgsDef).map(
    ([option, { type, valueHint = "", description = "" }]) => ({
      type,
      text: {
        name: option,
        value: type === "boolean" ? null : valueHint,
        choices: valueHint.includes("|") ? valueHint.split("|") : [],
        description,
      },
    }),
  );
  return {
    name,
    description: (meta as CommandMeta).description!,
    options: texts.filter(({ type }) => type !== "positional").map(({ text }) => text),
    words: texts.find(({ type }) => type === "positional")?.text ?? null,
  };
}
