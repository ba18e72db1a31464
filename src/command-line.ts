/**
 * Strictness that citty leaves out: which command is meant, and that every word is understood. A subcommand never
 * also runs the default command.
 */
import type { ArgsDef, CommandDef } from "citty";
import { isNear, nearest } from "./nearest.ts";

/** A command line that is not understood; exit code 2. */
export class UsageError extends Error {}

export type Commands = Readonly<Record<string, CommandDef>>;

export interface Choice {
  readonly command: CommandDef;
  /** What to hand to citty: `--flag`, `--flag=value` and, where the command takes them, words that are no flags. */
  readonly args: string[];
  readonly help: boolean;
}

/**
 * Picks the command that `argv` means, `root` if it names none, and checks its words. The first word names a command
 * unless it is a flag. Throws UsageError.
 */
export function choose(argv: readonly string[], root: CommandDef, commands: Commands): Choice {
  const [first = "-"] = argv;
  if (first.startsWith("-")) return { command: root, ...readWords(argv, root, commands) };
  const command = Object.hasOwn(commands, first) ? commands[first]! : null;
  if (command === null) {
    const known = [...Object.keys(commands), "--help"];
    throw new UsageError(`unknown command ${quote(first)}${suggest(first, known)}`);
  }
  return { command, ...readWords(argv.slice(1), command, {}) };
}

function readWords(
  words: readonly string[],
  command: CommandDef,
  commands: Commands,
): Omit<Choice, "command"> {
  const flags = (command.args ?? {}) as ArgsDef;
  const names = Object.keys(flags).filter((name) => flags[name]!.type !== "positional");
  const takesWords = names.length < Object.keys(flags).length;
  const known = [...names, "help"].map((name) => `--${name}`);
  const args: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const { flag, value } = splitWord(words[i]!);
    if (flag === "--help" || flag === "-h") return { args: [], help: true };
    const type = flags[flag.slice(2)]?.type;
    if (flag === "-" || !flag.startsWith("-")) {
      if (!takesWords) throw unexpectedWord(flag, commands);
      args.push(words[i]!);
      continue;
    }
    if (!known.includes(flag)) {
      throw new UsageError(
        `unknown option ${quote(flag)}${suggest(flag, [...known, ...Object.keys(commands)])}`,
      );
    }
    args.push(type === "boolean" ? withoutValue(flag, value) : withValue(flag, value ?? words[++i]));
  }
  return { args, help: false };
}

/** Go's flag package takes `-name` for `--name`; users of 0.10 wrote it so. */
function splitWord(word: string): { flag: string; value: string | undefined } {
  const [flag = "", value] = word.split(/=(.*)/s);
  return { flag: /^-[a-z][a-z-]+$/.test(flag) ? `-${flag}` : flag, value };
}

function withoutValue(flag: string, value: string | undefined): string {
  if (value === undefined) return flag;
  throw new UsageError(`${flag} takes no value`);
}

function withValue(flag: string, value: string | undefined): string {
  if (value) return `${flag}=${value}`;
  throw new UsageError(`${flag} needs a value`);
}

function unexpectedWord(word: string, commands: Commands): UsageError {
  const isCommand = Object.hasOwn(commands, word);
  return new UsageError(`unexpected argument ${quote(word)}${isCommand ? ": a command comes first" : ""}`);
}

/** `, did you mean X?` for the nearest candidate, if one is near. */
function suggest(word: string, candidates: readonly string[]): string {
  const best = nearest(bare(word), candidates.map(bare));
  return isNear(bare(word), best)
    ? `, did you mean ${candidates.find((candidate) => bare(candidate) === best)}?`
    : `; there are ${candidates.join(", ")}`;
}

function bare(word: string): string {
  return word.replace(/^-+/, "");
}

/** Control characters must not reach a terminal. */
function quote(word: string): string {
  return JSON.stringify(word);
}
