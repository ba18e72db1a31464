import { expect, test } from "bun:test";
import { LineLimit } from "../../src/log/line-limit.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeTime } from "../trace/support/fakes.ts";

test("a flood is one line per interval, with the number of those not said", () => {
  const time = new FakeTime();
  const log = new MemoryLog();
  const lines = new LineLimit(log, time.now);
  for (let second = 0; second <= 60; second++) {
    lines.warn("refused");
    time.advance(1000);
  }
  expect(log.lines).toEqual([
    "warn: refused",
    "warn: refused (29 more since the last line)",
    "warn: refused (29 more since the last line)",
  ]);
});

test("each kind of line has a limit of its own, however loud", () => {
  const time = new FakeTime();
  const log = new MemoryLog();
  const lines = new LineLimit(log, time.now, 10_000);
  lines.warn("a", "direct");
  lines.warn("b", "direct");
  lines.error("c", "loop");
  time.advance(9_999);
  lines.warn("d", "direct");
  time.advance(1);
  lines.warn("e", "direct");
  lines.error("f", "loop");
  expect(log.lines).toEqual(["warn: a", "error: c", "warn: e (2 more since the last line)", "error: f"]);
});
