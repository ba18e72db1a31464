import { expect, test } from "bun:test";
import { describeCounters, describeSpans } from "../src/counters.ts";

test("counters are told in words, without those that are zero", () => {
  expect(describeCounters({ sent: 12, droppedQueueFull: 1, "client-reset": 2, never: 0 })).toBe(
    "12 sent, 1 dropped queue full, 2 client reset",
  );
  expect(describeCounters({ sent: 0 })).toBe("none");
});

test.each([
  [{ exported: 3, droppedUnsent: 1 }, "3 exported, 1 dropped unsent"],
  [
    { exported: 3, droppedUnsent: 1, sent: 0, droppedRefused: 3, droppedQueueFull: 1 },
    "3 dropped refused, 1 dropped queue full",
  ],
  [{ exported: 3, sent: 3 }, "3 sent"],
])("of spans it is told once what became of them: %j", (counters, words) => {
  expect(describeSpans(counters)).toBe(words);
});
