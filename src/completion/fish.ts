import type { CommandText, OptionText } from "../command-texts.ts";
import { HELP, isFile } from "./options.ts";

/** Completion for fish: one `complete` for each command, option and value (complete(1)). */
export function fishScript([root, ...commands]: readonly CommandText[]): string {
  const lines = [
    "# netramesh completion fish",
    "complete -c netramesh -f",
    ...commands.map(({ name, description }) =>
      line("__fish_use_subcommand", `-a ${name} ${text(description)}`),
    ),
    ...optionLines(root!, "__fish_use_subcommand"),
    ...commands.flatMap((command) => optionLines(command, `__fish_seen_subcommand_from ${command.name}`)),
  ];
  return `${lines.join("\n")}\n`;
}

function optionLines({ options, words }: CommandText, condition: string): string[] {
  const lines = [...options, HELP].map((option) =>
    line(condition, `-l ${option.name}${valueWords(option)} ${text(option.description)}`),
  );
  if (words === null) return lines;
  return [...lines, line(condition, isFile(words) ? "-F" : `-a ${quote(words.choices.join(" "))}`)];
}

function valueWords(option: OptionText): string {
  if (option.value === null) return "";
  if (isFile(option)) return " -r -F";
  return option.choices.length > 0 ? ` -x -a ${quote(option.choices.join(" "))}` : " -x";
}

function line(condition: string, words: string): string {
  return `complete -c netramesh -n ${quote(condition)} ${words}`;
}

function text(description: string): string {
  return `-d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
