import { expect, test } from "bun:test";
import type { Outcome } from "../../bench/rounds.ts";
import { cellsOf, formatTable } from "../../bench/table.ts";

const OUTCOME: Outcome = {
  name: "x",
  title: "requests",
  rows: [
    {
      target: "direct",
      kind: "direct",
      reference: null,
      rounds: [{ "requests/s": 5000 }, { "requests/s": 3000 }],
    },
    { target: "ours", kind: "http", reference: "theirs", rounds: [{ "CPU µs": 10 }, { "CPU µs": 30 }] },
    { target: "theirs", kind: "http", reference: null, rounds: [{ "CPU µs": 20 }, { "CPU µs": 20 }] },
  ],
};

test("a row with a reference gets the median of its ratios round by round", () => {
  expect(cellsOf(OUTCOME).ours!["CPU µs"]!.ratio).toEqual({ median: 1, lower: 0.75, upper: 1.25 });
});

test("a row whose reference was not measured gets no ratio", () => {
  const alone = { ...OUTCOME, rows: [OUTCOME.rows[1]!] };
  expect(cellsOf(alone).ours!["CPU µs"]!.ratio).toBeNull();
});

test("a table shows every figure of every row, and a dash where a row has none", () => {
  const lines = formatTable(OUTCOME).split("\n");
  expect(lines[0]).toBe("requests");
  expect(lines[2]).toMatch(/^direct +4000 +-$/);
  expect(lines[3]).toMatch(/^ours +- +20\.0 ×1\.00 \(0\.75–1\.25\)$/);
});

test("a figure that the reference does not have gets no ratio", () => {
  const [, ours, theirs] = OUTCOME.rows;
  const rows = [{ ...ours!, rounds: [{ "init ms": 5 }] }, theirs!];
  expect(cellsOf({ ...OUTCOME, rows }).ours!["init ms"]!.ratio).toBeNull();
});
