/**
 * `driver.ts IP HTTP_PORT ECHO_PORT`: all activities at once until it gets SIGTERM, then to the end of each turn.
 * Prints a report as a line of JSON every second and when it is done.
 */

import type { Activity } from "./activities/activity.ts";
import { ACTIVITIES } from "./activities/all.ts";
import { Wire } from "./wire.ts";

/** What was done since the start, by activity, and what went wrong since the last report. */
export interface DriverReport {
  readonly exchanges: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/** A turn takes at most a few seconds on an idle machine; what takes so long is lost. */
const PATIENCE_MS = 60_000;
const REPORT_EVERY_MS = 1000;
const MAX_FAILURES_PER_REPORT = 20;

const [ip, httpPort, echoPort] = process.argv.slice(2) as [string, string, string];
const exchanges: Record<string, number> = Object.fromEntries(ACTIVITIES.map(({ name }) => [name, 0]));
const failures: string[] = [];
let isStopping = false;

function dial(to: "http" | "echo"): Promise<Wire> {
  return Wire.connect(ip, Number(to === "http" ? httpPort : echoPort));
}

async function repeat(activity: Activity): Promise<void> {
  const counted = () => void exchanges[activity.name]!++;
  while (!isStopping) {
    await inTime(activity.run({ dial, counted })).catch(({ message }: Error) => {
      if (failures.length < MAX_FAILURES_PER_REPORT) failures.push(`${activity.name}: ${message}`);
    });
    await Bun.sleep(activity.restMs);
  }
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function report(): void {
  const line: DriverReport = { exchanges, failures: failures.splice(0) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

process.on("SIGTERM", () => {
  isStopping = true;
});
const reporting = setInterval(report, REPORT_EVERY_MS);
await Promise.all(
  ACTIVITIES.flatMap((activity) => Array.from({ length: activity.clients }, () => repeat(activity))),
);
clearInterval(reporting);
report();
process.exit(0);
