import { expect, test } from "bun:test";
import { join } from "node:path";
import { soakChart } from "../../../bench/chart/soak.ts";
import type { SoakResult } from "../../../bench/soak/result.ts";

const GOLDEN = join(import.meta.dir, "..", "golden", "soak.svg");

const RESULT: SoakResult = {
  startedAt: "2026-11-23T03:31:29.921Z",
  minutes: 0.1,
  machine: { kernel: "6.1", cores: 2, processor: "CPU", memoryBytes: 1e9, load: 0, versions: {} },
  verdicts: [],
  ending: {
    filesBefore: 8,
    filesAfter: 8,
    exchanges: {},
    failures: [],
    configsWritten: 0,
    configsTaken: 0,
    exitCode: 0,
  },
  samples: [0, 1, 2, 3].map((second) => ({
    atMs: second * 1000,
    anonBytes: (30 + second * second) * 1e6,
    files: 100 + second,
    cpuMs: second * 350,
    throughP99Ms: 6 + second,
    directP99Ms: 3,
    exchanges: second * 1000,
  })),
  outages: [{ fromMs: 1000, toMs: 2000 }],
};

test("a soak becomes this picture", async () => {
  expect(soakChart(RESULT)).toBe(await Bun.file(GOLDEN).text());
});
