/** `bun run bench`: netramesh beside haproxy and nothing at all, in the same rounds. See README.md. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { barChart } from "./chart/bars.ts";
import type { Effort, Experiment } from "./experiments/experiment.ts";
import { realRequests } from "./experiments/requests.ts";
import { formatGoals } from "./goals.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { missing } from "./requirements.ts";
import { keep, RESULTS, resultOf } from "./result.ts";
import { type Outcome, runExperiment } from "./rounds.ts";
import { Stage } from "./stage/stage.ts";
import { formatTable } from "./table.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** For the README; of part of a run one can be had from chart.ts. */
const PICTURE = join(RESULTS, "latest.svg");
const WARM_REQUESTS = 20_000;

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

function checkMachine({ participants }: Options): void {
  const lacking = missing();
  for (const { path } of participants.binaries) {
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
    for (let requests = 0; requests < WARM_REQUESTS; ) {
      const figures = await realRequests.measure(stage, target, { rounds: 1, seconds: 1 });
      requests += figures["requests/s"]!;
    }
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

/** Leaves out, and says so, what this machine cannot measure. */
function measurable({ name, obstacle }: Experiment): boolean {
  const why = obstacle?.() ?? null;
  if (why !== null) process.stdout.write(`${name} is not measured: ${why}\n\n`);
  return why === null;
}

async function measure(
  { participants, wanted, effort }: Options,
  experiments: Experiment[],
): Promise<Outcome[]> {
  progress("starting");
  const stage = await Stage.open(participants, wanted).catch((error: Error) =>
    fail(EXIT_FAILED, error.message),
  );
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

const options = readOptions();
checkMachine(options);
const startedAt = new Date();
const experiments = options.experiments.filter(measurable);
const outcomes = await measure(options, experiments);
const result = resultOf(options, startedAt, outcomes);
process.stdout.write(`${formatGoals(result.goals)}\n`);
const path = await keep(result.startedAt, "", result);
process.stdout.write(`Saved as ${path}\n`);
if (options.isWhole) await Bun.write(PICTURE, barChart(result));
process.exit(outcomes.length === experiments.length ? 0 : EXIT_FAILED);
