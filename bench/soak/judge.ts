/** Whether a soak was good: what may not grow did not, and nothing was lost. Pure, so that it can be seen to fail. */
import { quantile, rising, slope, summarize } from "../statistics.ts";
import { formatNumber } from "../table.ts";

/** What was seen in one second. */
export interface Sample {
  /** Since the first one. */
  readonly atMs: number;
  readonly anonBytes: number;
  readonly files: number;
  /** Used since the sidecar's start. */
  readonly cpuMs: number;
  /** A small request through the sidecar and one past it. */
  readonly throughP99Ms: number;
  readonly directP99Ms: number;
  /** Of all activities, so far. */
  readonly exchanges: number;
}

/** What was known in the end. */
export interface Ending {
  readonly filesBefore: number;
  readonly filesAfter: number;
  /** By direction and activity. */
  readonly exchanges: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
  /** Changes of the configuration file, and those that the sidecar has made its own. */
  readonly configsWritten: number;
  readonly configsTaken: number;
  /** Of the sidecar, on SIGTERM. */
  readonly exitCode: number | null;
}

export interface Verdict {
  readonly what: string;
  readonly isGood: boolean;
  readonly found: string;
}

/** The just-in-time compiler, pools and buffers find their size in the meantime. */
const WARM_UP_SHARE = 0.3;
const WINDOWS = 10;
/** Ten windows of mere noise have so many rising pairs once in a hundred times. */
const RISING_SHARE = 0.8;
const MAX_STANDSTILL_MS = 10_000;
/** The sidecar's part of a p99: more than that is a stalled event loop. */
const MAX_LAG_MS = 25;

/** How much a figure may grow from the end of the warm-up to the end: a share of itself, and a floor under that. */
interface Growth {
  readonly share: number;
  readonly atLeast: number;
}

const MEMORY: Growth = { share: 0.15, atLeast: 4e6 };
/** On a busy machine connections last longer, so more are open; a leak shows in the end at the latest. */
const FILES: Growth = { share: 0.25, atLeast: 20 };
const LAG: Growth = { share: 0.5, atLeast: 5 };
/** So much slower than usual is the direct way only when the machine has something else to do. */
const CALM_FACTOR = 1.5;

/** All of them; the soak was good if every one is. `samples` are a second apart. */
export function judge(samples: readonly Sample[], ending: Ending): Verdict[] {
  const lags = lagsOf(samples);
  return [
    isFlat(
      "anonymous memory",
      samples.map(({ anonBytes }) => anonBytes),
      MEMORY,
      megabytes,
    ),
    isFlat(
      "open files",
      samples.map(({ files }) => files),
      FILES,
      formatNumber,
    ),
    isFlat("p99 beyond the direct one", lags, LAG, milliseconds),
    lagIsSmall(lags),
    neverStoodStill(samples),
    ...endedWell(ending),
  ];
}

/** How much longer the way through the sidecar is, in the seconds in which the machine was calm. */
function lagsOf(samples: readonly Sample[]): number[] {
  const usual = median(samples.map(({ directP99Ms }) => directP99Ms));
  return samples
    .filter(({ directP99Ms }) => directP99Ms <= usual * CALM_FACTOR)
    .map(({ throughP99Ms, directP99Ms }) => Math.max(0, throughP99Ms - directP99Ms));
}

/** Not a number if there is none. */
function median(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : summarize(values).median;
}

function isFlat(
  what: string,
  values: readonly number[],
  { share, atLeast }: Growth,
  format: (value: number) => string,
): Verdict {
  const steady = floors(values.slice(Math.floor(values.length * WARM_UP_SHARE)));
  const level = median(steady);
  const growth = slope(steady) * (steady.length - 1);
  const isSmall = growth <= Math.max(atLeast, level * share);
  // Too few samples have no level, and are not good.
  const isGood = isSmall || (steady.length > 0 && rising(steady) < RISING_SHARE);
  return { what: `${what} flat`, isGood, found: `${format(level)}, grew by ${format(growth)}` };
}

/** Garbage comes and goes; what matters is what stays, the lower quartile of each window. */
function floors(values: readonly number[]): number[] {
  const size = values.length / WINDOWS;
  if (size < 1) return [];
  const windows = Array.from({ length: WINDOWS }, (_, i) =>
    values.slice(Math.round(i * size), Math.round((i + 1) * size)),
  );
  return windows.map((window) =>
    quantile(
      window.toSorted((a, b) => a - b),
      0.25,
    ),
  );
}

function lagIsSmall(lags: readonly number[]): Verdict {
  const usual = median(lags);
  return {
    what: `p99 at most ${MAX_LAG_MS} ms beyond the direct one`,
    isGood: usual <= MAX_LAG_MS,
    found: milliseconds(usual),
  };
}

/** Something was always being finished. */
function neverStoodStill(samples: readonly Sample[]): Verdict {
  let longestMs = 0;
  let lastProgress = samples[0];
  for (const sample of samples) {
    if (sample.exchanges > lastProgress!.exchanges) lastProgress = sample;
    longestMs = Math.max(longestMs, sample.atMs - lastProgress!.atMs);
  }
  return {
    what: `no standstill of ${MAX_STANDSTILL_MS / 1000} s`,
    isGood: samples.length > 1 && longestMs < MAX_STANDSTILL_MS,
    found: `longest ${(longestMs / 1000).toFixed(1)} s`,
  };
}

function endedWell(ending: Ending): Verdict[] {
  const { filesBefore, filesAfter, exchanges, failures, configsWritten, configsTaken, exitCode } = ending;
  const idle = Object.keys(exchanges).filter((activity) => exchanges[activity] === 0);
  const total = Object.values(exchanges).reduce((sum, count) => sum + count, 0);
  return [
    {
      what: "every file closed in the end",
      isGood: filesAfter <= filesBefore,
      found: `${filesBefore} before, ${filesAfter} after`,
    },
    {
      what: "every exchange right",
      isGood: failures.length === 0 && total > 0,
      found: `${total} exchanges, ${failures.length} failures`,
    },
    {
      what: "every activity took part",
      isGood: idle.length === 0,
      found: idle.length === 0 ? `${Object.keys(exchanges).length} of them` : `not ${idle.join(", ")}`,
    },
    {
      what: "every configuration taken over",
      isGood: configsTaken === configsWritten,
      found: `${configsTaken} of ${configsWritten}`,
    },
    { what: "the sidecar ended with 0", isGood: exitCode === 0, found: `${exitCode}` },
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
