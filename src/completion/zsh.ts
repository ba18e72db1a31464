import type { CommandText, OptionText } from "../command-texts.ts";
import { HELP, isFile } from "./options.ts";

/** Completion for zsh, by its own `_arguments` and `_describe` (zshcompsys(1)). */
export function zshScript([root, ...commands]: readonly CommandText[]): string {
  const named = commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`);
  return `#compdef netramesh
# netramesh completion zsh
_netramesh() {
  local -a commands=(
${named.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  case $words[2] in
${commands.map(commandCase).join("\n")}
  *) ${callArguments(root!)} ;;
  esac
}
# Sourced, or found in fpath and called.
if [[ $funcstack[1] == _netramesh ]]; then _netramesh "$@"; else compdef _netramesh netramesh; fi
`;
}

/** `_arguments` takes the command for the first word. */
function commandCase(command: CommandText): string {
  return `  ${command.name}) shift words; (( CURRENT-- )); ${callArguments(command)} ;;`;
}

function callArguments({ options, words }: CommandText): string {
  const specs = [...options, HELP].map(
    (option) =>
      `--${option.name}${option.value === null ? "" : "="}[${plain(option.description)}]${valueSpec(option)}`,
  );
  const rest = words === null ? [] : [`*${valueSpec(words)}`];
  return ["_arguments", ...[...specs, ...rest].map(quote)].join(" ");
}

function valueSpec(option: OptionText): string {
  if (option.value === null) return "";
  const action = isFile(option) ? "_files" : option.choices.length > 0 ? `(${option.choices.join(" ")})` : "";
  return `:${plain(option.value)}:${action}`;
}

function plain(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
