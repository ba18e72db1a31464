import { expect, test } from "bun:test";
import { QUESTIONS } from "../../bench/chart/bars.ts";
import { EXPERIMENTS } from "../../bench/experiments/all.ts";
import { checkGoals, formatGoals, GOALS } from "../../bench/goals.ts";
import type { Outcome } from "../../bench/rounds.ts";

const CPU = "CPU µs/request";

function outcome(name: string, rows: Record<string, Record<string, number>[]>): Outcome {
  const entries = Object.entries(rows);
  return {
    name,
    title: name,
    rows: entries.map(([target, rounds]) => ({ target, kind: "http", reference: null, rounds })),
  };
}

/** The median of the goal whose description begins so. */
function medianOf(what: string, ...outcomes: Outcome[]): number | undefined {
  return checkGoals(outcomes).find((goal) => goal.what.startsWith(what))?.value?.median;
}

const REQUESTS = outcome("requests-real", {
  "netramesh traced": [{ [CPU]: 12 }, { [CPU]: 30 }, { [CPU]: 11 }],
  "netramesh unsampled": [{ [CPU]: 11 }, { [CPU]: 27 }, { [CPU]: 10 }],
  "haproxy http": [{ [CPU]: 10 }, { [CPU]: 25 }, { [CPU]: 10 }],
});

test("targets are compared round by round", () => {
  expect(medianOf("CPU per request, traced / haproxy", REQUESTS)).toBe(1.2);
});

test("tracing costs what it costs more than not sampling", () => {
  expect(medianOf("CPU per request, traced - unsampled", REQUESTS)).toBe(1);
});

test("latencies are compared by what is added to the direct way, where that was the fastest", () => {
  const latency = outcome("latency-1", {
    direct: [{ "p50 µs": 100 }, { "p50 µs": 900 }],
    "netramesh traced": [{ "p50 µs": 160 }, { "p50 µs": 500 }],
    "haproxy http": [{ "p50 µs": 140 }, { "p50 µs": 400 }],
  });
  expect(medianOf("added p50", latency)).toBe(1.5);
});

test("a cost that grows in proportion with the head lies on the line, one that grows faster above it", () => {
  const heads = (at12: number) =>
    outcome("growth-head", { "netramesh traced": [{ "1000 B": 10, "4000 B": 13, "12000 B": at12 }] });
  expect(medianOf("CPU per request, head", heads(21))).toBe(1);
  expect(medianOf("CPU per request, head", heads(42))).toBe(2);
});

test("what was not measured has no value and no line", () => {
  const goals = checkGoals([]);
  expect(goals.length).toBeGreaterThan(15);
  expect(goals.every(({ value }) => value === null)).toBe(true);
  expect(formatGoals(goals)).toBe("");
});

test("a goal that is missed says so", () => {
  const goals = formatGoals(checkGoals([REQUESTS]));
  expect(goals).toMatch(/traced \/ haproxy http +1\.20 × .* at most 1 +missed/);
  expect(goals).toMatch(/traced - unsampled +1\.00 µs .* at most 2 +reached/);
});

test("goals and pictures ask experiments that exist", () => {
  const names = EXPERIMENTS.map(({ name }) => name);
  for (const { experiment } of [...GOALS, ...QUESTIONS]) expect(names).toContain(experiment);
});
