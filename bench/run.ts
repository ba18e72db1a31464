/** `bun run bench`: netramesh beside haproxy and nothing at all, in the same rounds. See README.md. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Effort, Experiment } from "./experiments/experiment.ts";
import { realRequests } from "./experiments/requests.ts";
import { describeMachine } from "./machine.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { missing } from "./requirements.ts";
import { type Outcome, runExperiment } from "./rounds.ts";
import { Stage } from "./stage/stage.ts";
import { cellsOf, formatTable } from "./table.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const WARM_UP: Effort = { rounds: 1, seconds: 2 };
const RESULTS = join(import.meta.dir, "results");

function fail(exitCode: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(EXIT_USAGE, `${(error as Error).message}\n\n${USAGE}`);
  }
}

function checkMachine({ binaries }: Options): void {
  const lacking = missing();
  for (const { path } of binaries) {
    if (!existsSync(path)) lacking.push(`${path} (bun run build makes it)`);
  }
  if (lacking.length > 0) fail(EXIT_FAILED, `Cannot measure here. Missing:\n  ${lacking.join("\n  ")}`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** A just-in-time compiler is done after some ten thousand requests; nobody runs a sidecar for less. */
async function warmUp(stage: Stage): Promise<void> {
  for (const target of stage.targets) {
    progress(`warming up ${target.name}`);
    await realRequests.measure(stage, target, WARM_UP);
  }
}

/** What went wrong in one experiment must not cost the others: it is told, and null. */
async function attempt(stage: Stage, experiment: Experiment, effort: Effort): Promise<Outcome | null> {
  try {
    return await runExperiment(stage, experiment, effort, progress);
  } catch (error) {
    process.stderr.write(`${experiment.name} failed: ${(error as Error).message}\n`);
    return null;
  } finally {
    progress("");
  }
}

async function measure({ binaries, wanted, experiments, effort }: Options): Promise<Outcome[]> {
  progress("starting");
  const stage = await Stage.open(binaries, wanted);
  await warmUp(stage);
  const outcomes: Outcome[] = [];
  for (const experiment of experiments) {
    const outcome = await attempt(stage, experiment, effort);
    if (outcome === null) continue;
    process.stdout.write(`${formatTable(outcome)}\n`);
    outcomes.push(outcome);
  }
  stage.close();
  return outcomes;
}

/** Says later which build it was; its path would not. */
function fingerprint(path: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
}

async function save(
  { effort, binaries }: Options,
  startedAt: Date,
  outcomes: readonly Outcome[],
): Promise<void> {
  const name = startedAt.toISOString().slice(0, 19).replaceAll(":", "");
  const path = join(RESULTS, `${name}.json`);
  const experiments = outcomes.map((outcome) => ({ ...outcome, summary: cellsOf(outcome) }));
  const measured = binaries.map(({ name, path }) => ({ name, sha256: fingerprint(path) }));
  const result = { startedAt, machine: describeMachine(), effort, binaries: measured, experiments };
  mkdirSync(RESULTS, { recursive: true });
  await Bun.write(path, `${JSON.stringify(result, null, 1)}\n`);
  process.stdout.write(`Saved as ${path}\n`);
}

const options = readOptions();
checkMachine(options);
const startedAt = new Date();
const outcomes = await measure(options);
await save(options, startedAt, outcomes);
process.exit(outcomes.length === options.experiments.length ? 0 : EXIT_FAILED);
