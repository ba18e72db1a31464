import { expect, test } from "bun:test";
import type { CpuProfile } from "../../../src/admin/pprof/cpu-profiler.ts";
import { encodeProfile } from "../../../src/admin/pprof/encode-profile.ts";
import { decode } from "./decoded.ts";

function frame(functionName: string, url = "", lineNumber = -1) {
  return { functionName, url, lineNumber, columnNumber: 0, scriptId: "1" };
}

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 4] },
    { id: 2, callFrame: frame("data", "src/proxy/socket-events.ts", 20), children: [3] },
    { id: 3, callFrame: frame("write") },
    { id: 4, callFrame: frame("", "src/app.ts", 4), children: [5] },
    { id: 5, callFrame: frame("data", "src/proxy/socket-events.ts", 20) },
  ],
  startTime: 5_000_000,
  endTime: 7_000_000,
  samples: [3, 3, 2, 5],
  timeDeltas: [1000, 1500, 900_000, 1100],
};

test("each stack is there once, the innermost call first, with its samples and its time", () => {
  const { sampleTypes, samples } = decode(encodeProfile(PROFILE, 0));
  expect(sampleTypes).toEqual(["samples/count", "cpu/nanoseconds"]);
  expect(samples).toEqual([
    { stack: ["write", "data"], values: [2, 2_500_000] },
    { stack: ["data"], values: [1, 2_000_000] },
    { stack: ["data", "(anonymous at app.ts:5)"], values: [1, 1_100_000] },
  ]);
});

test("functions know their files and lines, and the profile its time", () => {
  const { profile } = decode(encodeProfile(PROFILE, 1_700_000_000_123));
  const texts = profile.stringTable.strings;
  const functions = profile.function.map(({ name, filename, startLine }) => [
    texts[Number(name)],
    texts[Number(filename)],
    Number(startLine),
  ]);
  expect(functions).toEqual([
    ["write", "", 0],
    ["data", "src/proxy/socket-events.ts", 21],
    ["(anonymous at app.ts:5)", "src/app.ts", 5],
  ]);
  expect(profile.timeNanos).toBe(1_700_000_000_123_000_000n);
  expect([profile.durationNanos, profile.period].map(Number)).toEqual([2_000_000_000, 1_000_000]);
});

test("a profile of nothing is one too", () => {
  const empty: CpuProfile = { nodes: [{ id: 1, callFrame: frame("(root)") }], startTime: 0, endTime: 0 };
  expect(decode(encodeProfile(empty, 0)).samples).toEqual([]);
});
