/**
 * The command line. `netramesh` runs the sidecar; what else it can do are subcommands.
 * Exit codes: 0 done, 1 could not do it, 2 usage or configuration. Logs go to stderr, answers to stdout.
 */
import { type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import { runInit } from "../init/run.ts";
import manifest from "../package.json" with { type: "json" };
import { choose, UsageError } from "./command-line.ts";
import { createLog } from "./log.ts";
import { runSidecar } from "./sidecar.ts";

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const log = createLog("info", Bun.stderr.writer());
let exitCode = EXIT_DONE;

const sidecar = defineCommand({
  meta: { name: "netramesh", version: manifest.version, description: "Ultra-light service-mesh sidecar" },
  args: {
    "service-name": {
      type: "string",
      valueHint: "NAME",
      description:
        "Name of the service in traces (else JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or from POD_NAME)",
    },
  },
  async run({ args }) {
    exitCode = await runSidecar(process.env, args["service-name"], manifest.version);
  },
});

const init = defineCommand({
  meta: { name: "init", description: "Redirect this network namespace's TCP connections to the sidecar" },
  args: {
    "dry-run": { type: "boolean", description: "Print the rules in nft syntax, change nothing" },
    cleanup: { type: "boolean", description: "Remove the rules; connections that go through them are reset" },
  },
  run({ args }) {
    const dryRun = args["dry-run"] === true;
    const cleanup = args.cleanup === true;
    if (dryRun && cleanup) throw new UsageError("--dry-run and --cleanup exclude each other");
    exitCode = runInit({ env: process.env, dryRun, cleanup, out: answer, log });
  },
});

const version = defineCommand({
  meta: { name: "version", description: "Print the version" },
  run: () => answer(`${manifest.version}\n`),
});

const commands = { init, version } as unknown as Record<string, CommandDef>;
/** Only for the usage text: citty would run the default command after a subcommand. */
const root = { ...sidecar, subCommands: commands } as unknown as CommandDef;

function answer(text: string): void {
  process.stdout.write(text);
}

try {
  const { command, parent, args, help } = choose(process.argv.slice(2), root, commands);
  if (help) answer(`${await renderUsage(command, parent)}\n`);
  else await runCommand(parent ? command : sidecar, { rawArgs: args });
} catch (error) {
  const usage = error instanceof UsageError;
  exitCode = usage ? EXIT_USAGE : EXIT_FAILED;
  if (usage) log.error(`${error.message} (netramesh --help lists what there is)`);
  else log.fatal(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
await log.drain(1000);
process.exit(exitCode);
