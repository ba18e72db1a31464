/** What `netramesh inject` and `netramesh uninject` do. Loaded when they run. */
import { UsageError } from "../command-line.ts";
import { EXIT_DONE, EXIT_USAGE } from "../exit-codes.ts";
import { readSettingFlags } from "./flags.ts";
import { planInjection } from "./inject.ts";
import { type Planner, rewrite, type Source } from "./rewrite.ts";
import type { Streams } from "./streams.ts";
import { planRemoval } from "./uninject.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Injects the manifests that `words` name. Returns the exit code; throws UsageError. */
export function inject(words: readonly string[], streams: Streams, version: string): Promise<number> {
  const settings = readSettingFlags(words, version);
  return run(words, streams, "injected", (workload) => planInjection(workload, settings, version));
}

/** Removes from the manifests that `words` name what `inject` added. Returns the exit code; throws UsageError. */
export function uninject(words: readonly string[], streams: Streams): Promise<number> {
  return run(words, streams, "uninjected", planRemoval);
}

async function run(words: readonly string[], streams: Streams, done: string, plan: Planner): Promise<number> {
  const { text, report } = rewrite(await readSources(words, streams), plan, done);
  streams.err(report.format(words.includes("--explain")));
  if (text === null) return EXIT_USAGE;
  streams.out(text);
  return EXIT_DONE;
}

/** Words that are no flags name files. */
function readSources(words: readonly string[], streams: Streams): Promise<Source[]> {
  const files = words.filter((word) => !word.startsWith("--"));
  if (files.length === 0 && streams.isTerminal) {
    throw new UsageError("there is no manifest: name files, or pipe one in");
  }
  const named = files.length === 0 ? ["-"] : files;
  return Promise.all(named.map((file) => readSource(file, streams)));
}

async function readSource(file: string, { readInput, readFile }: Streams): Promise<Source> {
  const name = file === "-" ? "stdin" : file;
  const bytes = await (file === "-" ? readInput() : readFile(file)).catch((error: Error) => {
    // Not all of the runtime's messages say which file it was.
    error.message = `${name}: ${error.message}`;
    throw error;
  });
  return { name, text: decodeUtf8(bytes, name) };
}
