import manifest from "../../package.json" with { type: "json" };
import type { CommandText, OptionText } from "../../src/command-texts.ts";
import { COMMANDS, EXIT_CODES, GROUPS, readers, synopsis } from "./sources.ts";

/** docs/netramesh.1: man(7) macros. */
export function manPage(): string {
  const [root] = COMMANDS;
  const lines = [
    '.\\" Written by bun run docs: do not edit.',
    `.TH NETRAMESH 1 "" "netramesh ${manifest.version}" "User Commands"`,
    ".SH NAME",
    `netramesh \\- ${text(root!.description)}`,
    ".SH SYNOPSIS",
    ...COMMANDS.flatMap((command, i) => [...(i === 0 ? [] : [".br"]), `.B ${text(synopsis(command))}`]),
    ".SH COMMANDS",
    "Without a command netramesh is the sidecar.",
    "Every command takes",
    ".BR \\-\\-help .",
    ...COMMANDS.flatMap(commandLines),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => [".TP", `.B ${code}`, text(meaning)]),
    ".SH ENVIRONMENT",
    "An empty variable counts as unset.",
    ...GROUPS.flatMap(({ title, variables }) => [
      `.SS ${text(title)}`,
      ...variables.flatMap(([name, variable]) => {
        const { default: otherwise, value, means, live, secret } = variable;
        const marks = [...readers(variable), ...(live ? ["live"] : []), ...(secret ? ["secret"] : [])];
        return [
          ".TP",
          `.BR ${name} " (" ${quote(marks.join(", "))} )`,
          `${text(means)}:`,
          `${text(value)}.`,
          `Default: ${text(otherwise)}.`,
        ];
      }),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines(command: CommandText): string[] {
  const { name, description, options, words } = command;
  const title = name === "netramesh" ? "netramesh" : `netramesh ${name}`;
  return [
    `.SS ${text(title)}`,
    `${text(description)}.`,
    ...options.flatMap((option) => [".TP", `.BR ${optionTitle(option)}`, text(option.description)]),
    ...(words === null ? [] : [".TP", `.I ${text(words.value!)}`, text(words.description)]),
  ];
}

function optionTitle({ name, value }: OptionText): string {
  return value === null ? text(`--${name}`) : `${text(`--${name}`)} " " ${quote(value)}`;
}

function quote(words: string): string {
  return `"${text(words).replaceAll('"', "\\(dq")}"`;
}

/** A hyphen is a minus, and no line begins with what roff takes for a request. */
function text(words: string): string {
  const plain = words.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
