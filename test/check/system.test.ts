import { expect, test } from "bun:test";
import { checkClock, checkConntrack, checkFiles, type Moment } from "../../src/check/system.ts";

const START_AT = Date.UTC(2026, 10, 23);
const BEFORE: Moment = { wallAtMs: START_AT, steadyMs: 50 };
const SECOND = 1000;

const CLOCKS: [label: string, passedMs: number, wallMs: number, dateAtMs: number | null, said: string][] = [
  ["runs", 1000, 1000, null, "ok: there was no other to compare it with"],
  ["agrees with the collector's", 1000, 1000, START_AT - 4 * SECOND, "ok: like the collector's"],
  ["is late", 1000, 1000, START_AT + 3600 * SECOND, "warning: 3599 s behind the collector's"],
  ["is early", 1000, 1000, START_AT - 3600 * SECOND, "warning: 3601 s ahead of the collector's"],
  ["was set meanwhile", 1000, 61_000, null, "warning: set by 60000 ms"],
  ["stands before its time", 1000, -START_AT, null, "error: says 1970-01-01"],
  ["is beyond it", 1000, Date.UTC(2200, 0) - START_AT, null, "error: says 2200-01-01"],
];
test.each(CLOCKS)("a clock that %s", (_, passedMs, wallMs, dateAtMs, said) => {
  const after = { wallAtMs: START_AT + wallMs, steadyMs: 50 + passedMs };
  const [found, ...more] = checkClock(BEFORE, after, dateAtMs);
  const [result, words] = said.split(": ");
  expect(more).toEqual([]);
  expect(found!.result).toBe(result as never);
  expect(found!.message).toContain(words!);
});

test.each([
  [20_000, 0, "ok", "enough for 9968 connections"],
  [1024, 0, "warning", "enough for 480 connections"],
  [20_000, 10_000, "warning", "NETRA_MAX_CONNECTIONS asks for 10000"],
  [20_000, 9968, "ok", "20000"],
] as const)("%d files for %d connections: %s", (files, asked, result, words) => {
  expect(checkFiles(files, asked)).toMatchObject({ result, message: expect.stringContaining(words) });
});

test.each([
  ["10", "100", ["ok"]],
  ["90", "100", ["warning"]],
  [null, "100", []],
  ["10", null, []],
  ["10", "?", []],
] as [string | null, string | null, string[]][])("%p of %p tracked connections", (count, max, results) => {
  const texts: Record<string, string | null> = { count, max };
  const readText = (path: string) => texts[path.split("_").at(-1)!] ?? null;
  expect(checkConntrack(readText).map(({ result }) => result)).toEqual(results as never);
});
