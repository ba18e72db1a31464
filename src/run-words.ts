/** What the words of the command line ask for: a subcommand, its usage, or the sidecar with its one flag. */
import type { CommandDef } from "citty";
import { isTerminal, STDIN, STDOUT } from "../ffi/file.ts";
import manifest from "../package.json" with { type: "json" };
import { type Choice, choose, UsageError } from "./command-line.ts";
import { createCommands } from "./commands.ts";
import { EXIT_DONE, EXIT_USAGE } from "./exit-codes.ts";
import { runSidecar } from "./sidecar.ts";

/** What goes to stdout, in the order it was asked for. */
const answers: string[] = [];
/** What goes to stderr beside them. */
const complaints: string[] = [];

// Touching process.stdout would make a pipe non-blocking, and Bun.write then repeats what it wrote.
const isColoured = isTerminal(STDOUT) && !process.env.NO_COLOR;

const { root, commands } = createCommands(manifest.version, {
  isTerminal: isTerminal(STDIN),
  isColoured,
  readInput: () => Bun.stdin.bytes(),
  readFile: (path: string) => Bun.file(path).bytes(),
  out: (text: string) => void answers.push(text),
  err: (text: string) => void complaints.push(text),
});

/** Returns the exit code. A usage error is one line and exit code 2; what goes wrong later is thrown. */
export async function runWords(argv: readonly string[]): Promise<number> {
  try {
    return await run(choose(argv, root, commands));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    await Bun.write(Bun.stderr, `netramesh: ${error.message} (netramesh --help lists what there is)\n`);
    return EXIT_USAGE;
  }
}

async function run({ command, args, help }: Choice): Promise<number> {
  if (command === root && !help) return runSidecar(process.env, serviceName(args), manifest.version);
  const citty = await import("citty");
  if (help) answers.push(await usage(command, citty));
  const exitCode = help ? EXIT_DONE : ((await citty.runCommand(command, { rawArgs: args })).result as number);
  await write(Bun.stderr, complaints.join(""));
  await write(Bun.stdout, answers.join(""));
  return exitCode;
}

/** Bun's write of nothing empties the file that a stream goes to. */
async function write(stream: Bun.BunFile, text: string): Promise<void> {
  if (text !== "") await Bun.write(stream, text);
}

/** The sidecar has one flag: what it takes to read more would cost it 0.7 MB. */
function serviceName(args: readonly string[]): string | undefined {
  return args.at(-1)?.slice("--service-name=".length);
}

/** Only here do the commands hang on the default one: citty would run that after a subcommand. */
async function usage(command: CommandDef, { renderUsage }: typeof import("citty")): Promise<string> {
  const parent = { ...root, subCommands: commands };
  const text = await (command === root ? renderUsage(parent) : renderUsage(command, parent));
  return `${isColoured ? text : Bun.stripANSI(text)}\n`;
}
