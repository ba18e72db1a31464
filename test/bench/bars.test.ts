import { expect, test } from "bun:test";
import { join } from "node:path";
import { barChart } from "../../bench/chart/bars.ts";
import type { Result } from "../../bench/result.ts";
import type { Outcome } from "../../bench/rounds.ts";
import { cellsOf } from "../../bench/table.ts";

const GOLDEN = join(import.meta.dir, "golden", "bars.svg");

const requests: Outcome = {
  name: "requests-real",
  title: "requests",
  rows: [
    { target: "direct", kind: "direct", reference: null, rounds: [{ "requests/s": 9000 }] },
    { target: "netramesh opaque", kind: "tcp", reference: null, rounds: [{ "CPU µs/request": 20 }] },
    {
      target: "netramesh traced",
      kind: "http",
      reference: "haproxy http",
      rounds: [{ "CPU µs/request": 30 }, { "CPU µs/request": 34 }],
    },
    { target: "a <peer> & co", kind: "http", reference: null, rounds: [{ "CPU µs/request": 36 }] },
  ],
};

const RESULT: Result = {
  startedAt: "2026-11-23T03:31:29.921Z",
  machine: { kernel: "6.1", cores: 2, processor: "CPU", memoryBytes: 1e9, load: 0, versions: {} },
  effort: { rounds: 2, seconds: 1 },
  binaries: [],
  peers: [],
  goals: [],
  experiments: [{ ...requests, summary: cellsOf(requests) }],
};

test("a result becomes this picture", async () => {
  expect(barChart(RESULT)).toBe(await Bun.file(GOLDEN).text());
});

test("questions that nobody answered are left out", () => {
  const svg = barChart({ ...RESULT, experiments: [] });
  expect(svg).not.toContain("CPU per");
});
