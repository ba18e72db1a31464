import { expect, test } from "bun:test";
import { cpuMs } from "../../bench/cpu-clock.ts";

test("the clock of a process runs while it computes", () => {
  const before = cpuMs(process.pid);
  while (cpuMs(process.pid) < before + 1) Bun.hash("work");
  expect(cpuMs(process.pid)).toBeGreaterThan(before);
});

test("a process that is gone has no clock", () => {
  const child = Bun.spawnSync(["true"]);
  expect(() => cpuMs(child.pid)).toThrow("no process");
});
