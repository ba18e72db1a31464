import type { CommandText, OptionText } from "../command-texts.ts";
import { HELP, isFile } from "./options.ts";

/**
 * Completion for bash 4 and later, without the package bash-completion. bash takes `=` for the end of a word, so the
 * word before may be that sign.
 */
export function bashScript([root, ...commands]: readonly CommandText[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# netramesh completion bash
_netramesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" words=""
  if [[ $current == "=" ]]; then current=""; fi
  if [[ $before == "=" ]]; then before="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  case "\${COMP_WORDS[1]} $before" in
${[root!, ...commands].flatMap(valueCases).join("\n")}
  *)
    case "\${COMP_WORDS[1]}" in
${commands.map(wordCase).join("\n")}
    *) words="${[optionNames(root!), names].join(" ")}" ;;
    esac
    ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _netramesh netramesh
`;
}

/** What may follow the options that take a value. Without a command, the first word is an option. */
function valueCases({ name, options }: CommandText): string[] {
  const start = name === "netramesh" ? "*" : name;
  return options
    .filter(({ value }) => value !== null)
    .map((option) => `  ${start}" --${option.name}") ${valueAction(option)} ;;`);
}

function valueAction(option: OptionText): string {
  if (isFile(option)) return 'COMPREPLY=($(compgen -f -- "$current")); return';
  return option.choices.length > 0 ? `words="${option.choices.join(" ")}"` : "return";
}

function wordCase(command: CommandText): string {
  const { name, words } = command;
  const options = optionNames(command);
  if (words === null) return `    ${name}) words="${options}" ;;`;
  const choices = words.choices.length > 0 ? words.choices.join(" ") : null;
  if (choices !== null) return `    ${name}) words="${options} ${choices}" ;;`;
  return `    ${name}) if [[ $current != -* ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi; words="${options}" ;;`;
}

function optionNames({ options }: CommandText): string {
  return [...options, HELP].map(({ name }) => `--${name}`).join(" ");
}
