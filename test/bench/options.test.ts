import { expect, test } from "bun:test";
import { parseOptions } from "../../bench/options.ts";

test("without options everything is measured, of every target", () => {
  const { experiments, wanted, participants, isWhole } = parseOptions([]);
  expect(experiments.length).toBeGreaterThan(5);
  expect(isWhole).toBe(true);
  expect(wanted("haproxy http, intercepting")).toBe(true);
  expect(participants.binaries.map(({ name }) => name)).toEqual(["netramesh"]);
});

test("in a hurry fewer experiments ask fewer targets, but those that are compared stay", () => {
  const full = parseOptions([]);
  const quick = parseOptions(["--quick"]);
  expect(quick.experiments.length).toBeLessThan(full.experiments.length);
  expect(quick.effort.rounds).toBeLessThan(full.effort.rounds);
  expect(["netramesh traced", "before: opaque", "haproxy http"].every(quick.wanted)).toBe(true);
  expect(quick.wanted("netramesh unsampled")).toBe(false);
  expect(quick.isWhole).toBe(false);
});

test("a binary to compare with is measured beside ours", () => {
  const { binaries } = parseOptions(["--binary", "/new", "--before", "/old"]).participants;
  expect(binaries.map(({ path }) => path)).toEqual(["/new", "/old"]);
});

for (const argv of [["--rounds", "0"], ["--seconds", "1.5"], ["--only", "nothing"], ["--fast"]]) {
  test(`${argv.join(" ")} is refused`, () => {
    expect(() => parseOptions(argv)).toThrow();
  });
}

test("experiments run in their own order, whatever the order in which they are named", () => {
  const { experiments } = parseOptions(["--only", "start", "--only", "requests-real"]);
  expect(experiments.map(({ name }) => name)).toEqual(["requests-real", "start"]);
});

test("a peer takes part whatever else is chosen", () => {
  const { participants, wanted } = parseOptions([
    "--quick",
    "--targets",
    "direct",
    "--peer",
    "mine=proxy {listen}",
  ]);
  expect(participants.peers.map(({ name }) => name)).toEqual(["mine"]);
  expect(wanted("mine")).toBe(true);
  expect(wanted("haproxy http")).toBe(false);
});
