/** `bun run soak`: everything at once against one sidecar for a long time. See README.md. */
import { existsSync } from "node:fs";
import { requirements } from "../examples/lab/requirements.ts";
import type { Stretch } from "./chart/lines.ts";
import { soakChart } from "./chart/soak.ts";
import { describeMachine } from "./machine.ts";
import { keep } from "./result.ts";
import { judge } from "./soak/judge.ts";
import { parseSoakOptions, type SoakOptions, USAGE } from "./soak/options.ts";
import type { SoakResult } from "./soak/result.ts";
import { Watch } from "./soak/watch.ts";
import { World } from "./soak/world.ts";
import { alignColumns } from "./table.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const MS_PER_MINUTE = 60_000;
/** Twice a minute the agent is away for a while, and the configuration changes. */
const AGENT_THERE_MS = 20_000;
const AGENT_AWAY_MS = 10_000;
const FAILURES_SHOWN = 20;

function fail(exitCode: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}

function readOptions(): SoakOptions {
  try {
    return parseSoakOptions(process.argv.slice(2));
  } catch (error) {
    return fail(EXIT_USAGE, `${(error as Error).message}\n\n${USAGE}`);
  }
}

function checkMachine({ binary }: SoakOptions): void {
  const lacking = requirements();
  if (!existsSync(binary)) lacking.push(`${binary} (bun run build makes it)`);
  if (lacking.length > 0) fail(EXIT_FAILED, `Cannot soak here. Missing:\n  ${lacking.join("\n  ")}`);
}

/** Resolves after that time, or when `untilMs` of the watch has come. */
function pause(watch: Watch, ms: number, untilMs: number): Promise<void> {
  return Bun.sleep(Math.max(0, Math.min(ms, untilMs - watch.elapsedMs)));
}

/** Lets the agent come and go until the time is up, or the sidecar dead; returns when it was away. */
async function disturb(watch: Watch, untilMs: number): Promise<Stretch[]> {
  const outages: Stretch[] = [];
  while (watch.elapsedMs < untilMs && watch.world.isAlive) {
    watch.world.config.change();
    await pause(watch, AGENT_THERE_MS, untilMs);
    watch.world.stopAgent();
    const fromMs = watch.elapsedMs;
    await pause(watch, AGENT_AWAY_MS, untilMs);
    await watch.world.startAgent();
    outages.push({ fromMs, toMs: watch.elapsedMs });
  }
  return outages;
}

async function soak({
  minutes,
  binary,
}: SoakOptions): Promise<{ result: SoakResult; log: readonly string[] }> {
  const startedAt = new Date().toISOString();
  const machine = describeMachine();
  const world = await World.open(binary).catch(({ message }: Error) => fail(EXIT_FAILED, message));
  const watch = new Watch(world);
  const outages = await disturb(watch, minutes * MS_PER_MINUTE);
  const ending = await watch.end();
  const { samples } = watch;
  const verdicts = judge(samples, ending);
  return { result: { startedAt, minutes, machine, verdicts, ending, samples, outages }, log: world.log };
}

function show({ verdicts, ending }: SoakResult): void {
  const lines = verdicts.map(({ what, isGood, found }) => [isGood ? "good" : "BAD", what, found]);
  process.stdout.write(`${alignColumns(lines)}\n`);
  for (const failure of ending.failures.slice(0, FAILURES_SHOWN)) process.stdout.write(`  ${failure}\n`);
}

const options = readOptions();
checkMachine(options);
const { result, log } = await soak(options);
show(result);
const path = await keep(result.startedAt, "soak-", result);
const chart = path.replace(/json$/, "svg");
await Bun.write(chart, soakChart(result));
process.stdout.write(`Saved as ${path} and ${chart}\n`);
const isGood = result.verdicts.every((verdict) => verdict.isGood);
if (!isGood) process.stderr.write(`The sidecar's last words:\n${log.join("\n")}\n`);
process.exit(isGood ? 0 : EXIT_FAILED);
