/**
 * The command line. `netramesh` runs the sidecar; what else it can do are subcommands.
 * Exit codes: 0 done, 1 could not do it, 2 usage or configuration. Logs go to stderr, answers to stdout.
 */
import manifest from "../package.json" with { type: "json" };
import { EXIT_FAILED } from "./exit-codes.ts";
import { runSidecar } from "./sidecar.ts";

/** Returns the exit code. The words of most sidecars are read here: the commands would cost each of them 0.2 MB. */
async function main(argv: readonly string[]): Promise<number> {
  const [flag = "", name] = argv;
  const isNamed = argv.length === 2 && /^--?service-name$/.test(flag) && name !== "";
  if (argv.length === 0 || isNamed) return runSidecar(process.env, name, manifest.version);
  const { runWords } = await import("./run-words.ts");
  return runWords(argv);
}

/** One line for what the caller can change, the stack for what only we can. */
async function complain(error: Error): Promise<number> {
  const text = "syscall" in error ? error.message : (error.stack ?? error.message);
  await Bun.write(Bun.stderr, `netramesh: ${text}\n`);
  return EXIT_FAILED;
}

process.exit(await main(process.argv.slice(2)).catch(complain));
