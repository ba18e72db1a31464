import { expect, test } from "bun:test";
import { Complaints } from "../../../src/trace/sender/complaints.ts";
import { FakeLog, FakeTime } from "../support/fakes.ts";

test("a flood of complaints is one line per interval, with the number of those not said", () => {
  const time = new FakeTime();
  const log = new FakeLog();
  const complaints = new Complaints(log, time.now);
  for (let second = 0; second <= 60; second++) {
    complaints.say("refused");
    time.advance(1000);
  }
  expect(log.lines).toEqual([
    "warn refused",
    "warn refused (29 more since the last line)",
    "warn refused (29 more since the last line)",
  ]);
});
