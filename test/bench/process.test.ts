import { expect, test } from "bun:test";
import { cpuTime, memory, parseStat } from "../../bench/process.ts";

test("CPU time is read behind a process name with spaces and parentheses", () => {
  const stat = "42 (a) (b c) S 1 42 42 0 -1 4194304 0 0 0 0 117 25 9 9 20 0 1 0 100 0 0";
  expect(parseStat(stat)).toEqual({ userMs: 1170, systemMs: 250 });
});

test("a busy process has used CPU time and holds memory", () => {
  const before = cpuTime(process.pid);
  while (cpuTime(process.pid).userMs < before.userMs + 20) Bun.hash("work");
  expect(memory(process.pid).anonBytes).toBeGreaterThan(1_000_000);
});
