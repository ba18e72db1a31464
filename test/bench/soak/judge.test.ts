import { expect, test } from "bun:test";
import { type Ending, judge, type Sample } from "../../../bench/soak/judge.ts";

const SECONDS = 600;
const GOOD_END: Ending = {
  filesBefore: 8,
  filesAfter: 8,
  exchanges: { "inbound churn": 1000, "outbound churn": 1000 },
  failures: [],
  configsWritten: 20,
  configsTaken: 20,
  exitCode: 0,
};

/** A soak whose figures go up and down as they do; `change` makes it another one. */
function soak(change: (second: number) => Partial<Sample> = () => ({}), seconds = SECONDS): Sample[] {
  return Array.from({ length: seconds }, (_, second) => ({
    atMs: second * 1000,
    anonBytes: memoryAt(second),
    files: 150 + (second % 13),
    cpuMs: second * 300,
    throughP99Ms: 9 + (second % 5),
    directP99Ms: 4 + (second % 3),
    exchanges: second * 2000,
    ...change(second),
  }));
}

/** Rises during the warm-up, then a saw's teeth: garbage and its collection. */
function memoryAt(second: number): number {
  return 30e6 + Math.min(second, 100) * 0.2e6 + (second % 7) * 4e6;
}

function complaints(samples: readonly Sample[], ending: Partial<Ending> = {}): string[] {
  const verdicts = judge(samples, { ...GOOD_END, ...ending });
  return verdicts.filter(({ isGood }) => !isGood).map(({ what }) => what);
}

test("a soak is good that finds its level and keeps it", () => {
  expect(complaints(soak())).toEqual([]);
});

test("a leak of 2 MB a minute is found under the saw's teeth", () => {
  expect(complaints(soak((second) => ({ anonBytes: memoryAt(second) + (second / 60) * 2e6 })))).toEqual([
    "anonymous memory flat",
  ]);
});

test("memory that goes to and fro is no leak, even if it ends high", () => {
  // The lower quartiles of ten windows of a short soak on a busy machine, in MB.
  const levels = [48, 39, 45, 48, 44, 54, 50, 50, 49, 60];
  const noisy = soak((second) => ({
    anonBytes: 1e6 * levels[Math.max(0, Math.floor((second - 180) / 42))]!,
  }));
  expect(complaints(noisy)).toEqual([]);
});

test("a burst of memory that is given back is no leak", () => {
  const burst = soak((second) => (second > 300 && second < 330 ? { anonBytes: 400e6 } : {}));
  expect(complaints(burst)).toEqual([]);
});

test("a connection of a thousand that is never closed is found", () => {
  expect(complaints(soak((second) => ({ files: 150 + Math.floor(second / 6) })))).toEqual([
    "open files flat",
  ]);
  expect(complaints(soak(), { filesAfter: 9 })).toEqual(["every file closed in the end"]);
});

test("an event loop that gets slower is found", () => {
  expect(complaints(soak((second) => ({ throughP99Ms: 10 + second / 20 })))).toEqual([
    "p99 beyond the direct one flat",
  ]);
});

test("an event loop that is always slow is found", () => {
  expect(complaints(soak(() => ({ throughP99Ms: 80 })))).toEqual(["p99 at most 25 ms beyond the direct one"]);
});

test("seconds in which the machine itself was slow do not count", () => {
  const noisy = soak((second) =>
    second > 400 && second % 3 === 0 ? { directP99Ms: 90, throughP99Ms: 400 } : {},
  );
  expect(complaints(noisy)).toEqual([]);
});

test("a sidecar that does nothing for a while is found", () => {
  const stuck = soak((second) => (second > 200 && second < 215 ? { exchanges: 400_000 } : {}));
  expect(complaints(stuck)).toEqual(["no standstill of 10 s"]);
});

test("one exchange of many that went wrong is enough", () => {
  expect(complaints(soak(), { failures: ["inbound churn: body 7 has wrong bytes"] })).toEqual([
    "every exchange right",
  ]);
});

test("an activity that never finished an exchange is named", () => {
  expect(complaints(soak(), { exchanges: { "inbound churn": 5, "inbound echo": 0 } })).toEqual([
    "every activity took part",
  ]);
});

test("a configuration that was not taken over is found", () => {
  expect(complaints(soak(), { configsTaken: 19 })).toEqual(["every configuration taken over"]);
});

test("a sidecar that crashes in the end is found", () => {
  expect(complaints(soak(), { exitCode: null })).toEqual(["the sidecar ended with 0"]);
});

test("a soak that was too short to tell is not good", () => {
  expect(complaints(soak(() => ({}), 5))).toContain("anonymous memory flat");
  expect(complaints([])).toContain("no standstill of 10 s");
});
