/**
 * The command line. `netramesh` runs the sidecar; what else it can do are subcommands.
 * Exit codes: 0 done, 1 could not do it, 2 usage or configuration. Logs go to stderr, answers to stdout.
 */
import { type CommandDef, renderUsage, runCommand } from "citty";
import manifest from "../package.json" with { type: "json" };
import { drain, wait } from "./admin/hooks/commands.ts";
import { choose, UsageError } from "./command-line.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from "./exit-codes.ts";
import { initCommand } from "./init-command.ts";
import { injectCommand, uninjectCommand } from "./inject/command.ts";
import { runSidecar } from "./sidecar.ts";
import { webhookCommand } from "./webhook/command.ts";

/** What goes to stdout, in the order it was asked for. */
const answers: string[] = [];
/** What goes to stderr beside them. */
const complaints: string[] = [];

const sidecar: CommandDef = {
  meta: { name: "netramesh", version: manifest.version, description: "Ultra-light service-mesh sidecar" },
  args: {
    "service-name": {
      type: "string",
      valueHint: "NAME",
      description:
        "Name of the service in traces (else JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or from POD_NAME)",
    },
  },
  run: ({ args }) => runSidecar(process.env, args["service-name"] as string | undefined, manifest.version),
};

const version: CommandDef = {
  meta: { name: "version", description: "Print the version" },
  run() {
    answers.push(`${manifest.version}\n`);
    return EXIT_DONE;
  },
};

/** The world of commands that read and write texts. */
const streams = {
  isTerminal: process.stdin.isTTY === true,
  readInput: () => Bun.stdin.bytes(),
  readFile: (path: string) => Bun.file(path).bytes(),
  out: (text: string) => void answers.push(text),
  err: (text: string) => void complaints.push(text),
};

const commands = {
  init: initCommand(streams.out),
  inject: injectCommand(manifest.version, streams),
  uninject: uninjectCommand(streams),
  webhook: webhookCommand(manifest.version),
  wait,
  drain,
  version,
};

/** Returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const { command, args, help } = choose(argv, sidecar, commands);
  if (help) answers.push(await usage(command));
  const exitCode = help ? EXIT_DONE : ((await runCommand(command, { rawArgs: args })).result as number);
  if (complaints.length > 0) await Bun.write(Bun.stderr, complaints.join(""));
  if (answers.length > 0) await Bun.write(Bun.stdout, answers.join(""));
  return exitCode;
}

/** Only here do the commands hang on the default one: citty would run that after a subcommand. */
async function usage(command: CommandDef): Promise<string> {
  const root = { ...sidecar, subCommands: commands };
  const text = await (command === sidecar ? renderUsage(root) : renderUsage(command, root));
  const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
  return `${isColoured ? text : Bun.stripANSI(text)}\n`;
}

/** One line for what the caller can change, the stack for what only we can. */
async function complain(error: Error): Promise<number> {
  const isUsage = error instanceof UsageError;
  const text = isUsage ? `${error.message} (netramesh --help lists what there is)` : explain(error);
  await Bun.write(Bun.stderr, `netramesh: ${text}\n`);
  return isUsage ? EXIT_USAGE : EXIT_FAILED;
}

function explain(error: Error): string {
  return "syscall" in error ? error.message : (error.stack ?? error.message);
}

process.exit(await main(process.argv.slice(2)).catch(complain));
