/** What netramesh is to reach, held against what was measured. */
import type { Outcome } from "./rounds.ts";
import { DIRECT, HAPROXY_HTTP, HAPROXY_TCP } from "./stage/plans.ts";
import { type Summary, summarize } from "./statistics.ts";
import { alignColumns, formatNumber } from "./table.ts";

/** One figure of one target. */
type Place = readonly [target: string, figure: string];

export interface Goal {
  readonly what: string;
  readonly experiment: string;
  readonly limit: number;
  readonly unit: string;
  readonly places: readonly Place[];
  /** From the figures at these places in one round to what is limited. */
  from(...figures: number[]): number;
}

export interface GoalResult {
  readonly what: string;
  readonly limit: number;
  readonly unit: string;
  /** Null if it was not measured. */
  readonly value: Summary | null;
}

const OPAQUE = "netramesh opaque";
const UNSAMPLED = "netramesh unsampled";
const TRACED = "netramesh traced";
const CPU = "CPU µs/request";

const itself = (value: number) => value;
const ratio = (ours: number, theirs: number) => ours / theirs;
const difference = (ours: number, theirs: number) => ours - theirs;
/** Of what each adds to the direct way; not a number in a round in which the direct way was not the fastest. */
const ratioOfAdded = (ours: number, theirs: number, direct: number) =>
  direct < Math.min(ours, theirs) ? (ours - direct) / (theirs - direct) : Number.NaN;
/** How far the third of three points lies above the line through the first two; heads of 1, 4 and 12 kB. */
const aboveLine = (at1: number, at4: number, at12: number) => at12 / (at1 + ((at4 - at1) * 11) / 3);

function compared(what: string, experiment: string, figure: string, targets: string[], limit: number): Goal {
  const places = targets.map((target): Place => [target, figure]);
  return { what, experiment, limit, unit: "×", places, from: targets.length === 3 ? ratioOfAdded : ratio };
}

function limited(what: string, experiment: string, figure: string, limit: number, unit: string): Goal {
  return { what, experiment, limit, unit, places: [[TRACED, figure]], from: itself };
}

const HTTP = [TRACED, HAPROXY_HTTP];
const TCP = [OPAQUE, HAPROXY_TCP];

/** In the order in which they are told. */
export const GOALS: readonly Goal[] = [
  compared("CPU per request, traced / haproxy http", "requests-real", CPU, HTTP, 1),
  compared("CPU per request, opaque / haproxy tcp", "requests-real", CPU, TCP, 1.1),
  {
    what: "CPU per request, traced - unsampled",
    experiment: "requests-real",
    limit: 2,
    unit: "µs",
    places: [
      [TRACED, CPU],
      [UNSAMPLED, CPU],
    ],
    from: difference,
  },
  compared("connection per request, traced / haproxy http", "connections", CPU, HTTP, 1.25),
  compared("CPU per MB, opaque / haproxy tcp", "download", "CPU µs/MB", TCP, 1.1),
  compared("added p50, 1 connection / haproxy's", "latency-1", "p50 µs", [...HTTP, DIRECT], 1),
  compared("added p99, 16 connections / haproxy's", "latency-16", "p99 µs", [...HTTP, DIRECT], 1),
  compared("the same beside busy neighbours", "latency-16-busy", "p99 µs", [...HTTP, DIRECT], 1.5),
  // Nobody can be limited on the direct way.
  compared("p99 at half a core / haproxy http", "latency-16-limited", "p99 µs", HTTP, 1.5),
  growth("CPU per request, 1000 connections / 1", "growth-connections", ["1000", "1"], ratio, 1.15),
  growth(
    "CPU per request, head of 12 kB / straight line",
    "growth-head",
    ["1000 B", "4000 B", "12000 B"],
    aboveLine,
    1.15,
  ),
  growth(
    "memory of 1000 connections, late / early",
    "memory-time",
    ["late anon MB", "early anon MB"],
    ratio,
    1.1,
  ),
  limited("anonymous memory, idle", "memory", "idle anon MB", 5, "MB"),
  limited("anonymous memory, 1000 busy connections", "memory", "1000 anon MB", 25, "MB"),
  limited("anonymous memory, 4000 busy connections", "memory", "4000 anon MB", 50, "MB"),
  limited("anonymous memory per stalled download", "stalled", "anon kB each", 128, "kB"),
  limited("start until it listens", "start", "start ms", 60, "ms"),
  limited("start from the image", "start", "image ms", 60, "ms"),
  limited("init", "start", "init ms", 60, "ms"),
  limited("idle CPU per second", "idle", "CPU ms/s", 2, "ms"),
];

function growth(
  what: string,
  experiment: string,
  figures: string[],
  from: (...figures: number[]) => number,
  limit: number,
): Goal {
  const places = figures.map((figure): Place => [TRACED, figure]);
  return { what, experiment, limit, unit: "×", places, from };
}

/** Every goal; those of experiments or targets that did not take part without a value. */
export function checkGoals(outcomes: readonly Outcome[]): GoalResult[] {
  return GOALS.map(({ what, limit, unit, experiment, places, from }) => {
    const outcome = outcomes.find(({ name }) => name === experiment);
    const columns = places.map((place) => column(outcome, place));
    return { what, limit, unit, value: combine(columns, from) };
  });
}

function column(outcome: Outcome | undefined, [target, figure]: Place): number[] {
  const row = outcome?.rows.find((row) => row.target === target);
  return (row?.rounds ?? []).map((figures) => figures[figure]!).filter((value) => value !== undefined);
}

function combine(columns: readonly number[][], from: Goal["from"]): Summary | null {
  if (columns.some(({ length }) => length === 0)) return null;
  const values = columns[0]!.map((_, round) => from(...columns.map((column) => column[round]!)));
  const sound = values.filter((value) => !Number.isNaN(value));
  return sound.length === 0 ? null : summarize(sound);
}

/** The goals that were measured, as text. */
export function formatGoals(results: readonly GoalResult[]): string {
  const lines = results.flatMap(({ what, limit, unit, value }) => {
    if (value === null) return [];
    const spread = `(${formatNumber(value.lower)}–${formatNumber(value.upper)})`;
    const verdict = value.median <= limit ? "reached" : "missed";
    return [[what, `${formatNumber(value.median)} ${unit}`, spread, `at most ${limit}`, verdict]];
  });
  return lines.length === 0 ? "" : `goals\n${alignColumns(lines)}\n`;
}
