import { describe, expect, test } from "bun:test";
import type { SamplingStrategy } from "../../../src/trace/sampler/strategy.ts";
import { StrategyPoller } from "../../../src/trace/sampler/strategy-poller.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";

const INTERVAL_MS = 60_000;
const HALF: SamplingStrategy = { kind: "probabilistic", rate: 0.5 };

interface Question {
  readonly signal: AbortSignal;
  readonly answer: (strategy: SamplingStrategy) => void;
  readonly fail: (error: unknown) => void;
}

/** A poller whose server is the test: each question waits for `answer` or `fail`. */
function setUp(intervalMs = INTERVAL_MS) {
  const time = new FakeTime();
  const log = new MemoryLog();
  const questions: Question[] = [];
  const applied: SamplingStrategy[] = [];
  const poller = new StrategyPoller({
    ask: (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<SamplingStrategy>();
      signal.addEventListener("abort", () => reject(signal.reason));
      questions.push({ signal, answer: resolve, fail: reject });
      return promise;
    },
    apply: (strategy) => applied.push(strategy),
    server: "http://s/",
    intervalMs,
    log,
    timers: time,
    nowMs: time.now,
  });
  /** One interval, then the answer or the failure. */
  const round = async (outcome: SamplingStrategy | Error) => {
    time.advance(intervalMs);
    const question = questions.at(-1)!;
    if (outcome instanceof Error) question.fail(outcome);
    else question.answer(outcome);
    await settled();
  };
  poller.start();
  return { time, log, questions, applied, poller, round };
}

/** Lets what a promise set off run. */
const settled = (): Promise<void> => Bun.sleep(0);

describe("questions", () => {
  test("begin after one interval", () => {
    const { time, questions } = setUp();
    time.advance(INTERVAL_MS - 1);
    expect(questions.length).toBe(0);
    time.advance(1);
    expect(questions.length).toBe(1);
  });

  test("go on after an answer and after a failure", async () => {
    const { questions, applied, round } = setUp();
    await round(HALF);
    await round(new Error("refused"));
    await round(HALF);
    expect([questions.length, applied]).toEqual([3, [HALF, HALF]]);
  });

  test("wait for each other", async () => {
    const { time, questions } = setUp(1000);
    time.advance(9000);
    await settled();
    expect(questions.length).toBe(1);
  });

  test("that nobody answers within ten seconds are given up", async () => {
    const { time, questions, log } = setUp();
    time.advance(INTERVAL_MS + 9999);
    expect(questions[0]!.signal.aborted).toBe(false);
    time.advance(1);
    await settled();
    expect(questions[0]!.signal.aborted).toBe(true);
    expect(log.lines).toEqual([
      "warn: No sampling strategy from http://s/: no answer within 10 seconds; sampling stays as it is",
    ]);
  });

  test("may be as rare as never: an interval longer than a timer can wait does not make them come at once", () => {
    const { time, questions } = setUp(1e12);
    expect(time.armed).toBe(1);
    time.advance(2 ** 31 - 2);
    expect(questions.length).toBe(0);
    time.advance(1);
    expect(questions.length).toBe(1);
  });
});

describe("the log", () => {
  const said = "info: Sampling strategy from http://s/: probabilistic, rate 0.5";

  test("names a strategy once, and again when it came back after a failure", async () => {
    const { round, log } = setUp();
    for (const outcome of [HALF, HALF, new Error("refused"), HALF]) await round(outcome);
    expect(log.lines).toEqual([
      said,
      "warn: No sampling strategy from http://s/: refused; sampling stays as it is",
      said,
    ]);
  });

  test("names another strategy", async () => {
    const { round, log } = setUp();
    for (const outcome of [HALF, { kind: "ratelimiting", tracesPerSecond: 3 } as const]) await round(outcome);
    expect(log.lines).toEqual([said, "info: Sampling strategy from http://s/: at most 3 traces a second"]);
  });

  test("has one line per interval for a server that keeps failing, and not more at short intervals", async () => {
    const rare = setUp();
    for (let i = 0; i < 3; i++) await rare.round(new Error("refused"));
    expect(rare.log.lines.length).toBe(3);
    const frequent = setUp(1000);
    for (let i = 0; i < 60; i++) await frequent.round(new Error("refused"));
    expect(frequent.log.lines.length).toBe(2);
  });

  test.each([
    [
      "the code of a failed connection",
      Object.assign(new Error("Unable to connect. Is"), { code: "ECONNREFUSED" }),
      ": ECONNREFUSED;",
    ],
    ["the message of another failure", new Error("HTTP status 500"), ": HTTP status 500;"],
  ])("has %s", async (_label, error, text) => {
    const { round, log } = setUp();
    await round(error);
    expect(log.lines[0]).toContain(text);
  });
});

describe("after stop", () => {
  test("no timer waits and no question comes", () => {
    const { poller, time, questions } = setUp();
    poller.stop();
    expect(time.armed).toBe(0);
    time.advance(INTERVAL_MS);
    expect(questions.length).toBe(0);
  });

  test.each([
    ["an open question is given up", () => {}],
    ["an answer that was under way counts for nothing", (question: Question) => question.answer(HALF)],
    [
      "a failure that was under way is not mentioned",
      (question: Question) => question.fail(new Error("late")),
    ],
  ])("%s", async (_label, happen) => {
    const { poller, time, questions, applied, log } = setUp();
    time.advance(INTERVAL_MS);
    happen(questions[0]!);
    poller.stop();
    await settled();
    expect(questions[0]!.signal.aborted).toBe(true);
    expect([applied, log.lines, time.armed]).toEqual([[], [], 0]);
  });
});
