import type { CommandText } from "../../src/command-texts.ts";
import { COMMANDS, EXIT_CODES, GROUPS, type Group, readers, synopsis } from "./sources.ts";

/** docs/reference.md. */
export function markdown(): string {
  return `# Reference

Written by \`bun run docs\` from the tables that the program parses; a test fails when it is stale. What things are for,
the [README](../README.md) says.

## Commands

${COMMANDS.map(commandSection).join("\n")}
Every command takes \`--help\`. Values follow after a space or \`=\`; \`-name\` is taken for \`--name\`.

## Exit codes

${table(
  ["code", "meaning"],
  EXIT_CODES.map(([code, meaning]) => [String(code), meaning]),
)}
## Variables

An empty variable counts as unset. *Live*: a change in \`NETRA_CONFIG_FILE\` is applied while the sidecar runs. *Secret*:
the value is never shown.

${GROUPS.map(variableSection).join("\n")}`;
}

function commandSection(command: CommandText): string {
  const { description, options, words } = command;
  const rows = options.map((option) => [
    code(`--${option.name}${option.value === null ? "" : ` ${option.value}`}`),
    plain(option.description),
  ]);
  const wordRows = words === null ? [] : [[code(words.value!), plain(words.description)]];
  const all = [...rows, ...wordRows];
  const list = all.length === 0 ? "" : `\n${table(["option", "meaning"], all)}`;
  return `### ${code(synopsis(command))}\n\n${description}.\n${list}`;
}

function variableSection({ title, variables }: Group): string {
  const rows = variables.map(([name, variable]) => [
    code(name),
    literal(variable.default),
    plain(variable.value),
    plain(variable.means),
    [readers(variable).join(", "), variable.live && "live", variable.secret && "secret"]
      .filter(Boolean)
      .join("; "),
  ]);
  return `### ${title}\n\n${table(["variable", "default", "form", "meaning", "read by"], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(head), `|${"---|".repeat(head.length)}\n`, ...rows.map(line)].join("");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

/** Defaults are values, or words about them. */
function literal(text: string): string {
  return text === "none" || text.includes(" ") ? plain(text) : code(text);
}

function plain(text: string): string {
  return text.replace(/[*<|]/g, "\\$&");
}
