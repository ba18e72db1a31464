/**
 * Strictness that citty leaves out: which command is meant, and that every word is understood. A subcommand never
 * also runs the default command.
 */
import type { ArgsDef, CommandDef } from "citty";

/** A command line that is not understood; exit code 2. */
export class UsageError extends Error {}

export interface Choice {
  readonly command: CommandDef;
  /** Set for a subcommand: whose it is, for the usage text. */
  readonly parent: CommandDef | undefined;
  /** What to hand to citty, in its spelling. */
  readonly args: string[];
  readonly help: boolean;
}

/** Picks the command of `argv` and checks its words. Throws UsageError. */
export function choose(
  argv: readonly string[],
  root: CommandDef,
  commands: Record<string, CommandDef>,
): Choice {
  const [first = "", ...rest] = argv;
  const named = !first.startsWith("-") && first !== "";
  const command = named ? commands[first] : root;
  if (command === undefined)
    throw new UsageError(`unknown command ${first}${suggest(first, Object.keys(commands))}`);
  const words = (named ? rest : argv).map(normalise);
  const help = words.includes("--help") || words.includes("-h");
  if (!help) checkWords(words, (command.args ?? {}) as ArgsDef);
  return { command, parent: named ? root : undefined, args: words, help };
}

/** Go's flag package takes `-name` for `--name`; users of 0.10 wrote it so. */
function normalise(word: string): string {
  return /^-[a-z][a-z-]+/.test(word) ? `-${word}` : word;
}

function checkWords(words: readonly string[], args: ArgsDef): void {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith("-")) throw new UsageError(`unexpected argument ${JSON.stringify(word)}`);
    const [flag = "", value] = word.split(/=(.*)/s);
    const arg = args[flag.replace(/^--/, "")];
    if (arg === undefined) {
      const known = [...Object.keys(args), "help"].map((name) => `--${name}`);
      throw new UsageError(`unknown option ${flag}${suggest(flag, known)}`);
    }
    if (arg.type === "boolean" && value !== undefined) throw new UsageError(`${flag} takes no value`);
    if (arg.type !== "boolean" && !(value ?? words[++i])) throw new UsageError(`${flag} needs a value`);
  }
}

/** `, did you mean X?` for the nearest candidate, if one is near. */
function suggest(word: string, candidates: readonly string[]): string {
  const [nearest] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const near = nearest && nearest.distance <= Math.max(2, nearest.candidate.length / 2);
  return near ? `, did you mean ${nearest.candidate}?` : `; there are ${candidates.join(", ")}`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, substitute);
    }
    row = next;
  }
  return row[b.length]!;
}
