import { expect, test } from "bun:test";
import { describeCounters } from "../src/counters.ts";

test("counters are told in words, without those that are zero", () => {
  expect(describeCounters({ sent: 12, droppedQueueFull: 1, "client-reset": 2, never: 0 })).toBe(
    "12 sent, 1 dropped queue full, 2 client reset",
  );
  expect(describeCounters({ sent: 0 })).toBe("none");
});
