import { expect, test } from "bun:test";
import { spanOutcomes } from "../../src/metrics/span-outcomes.ts";

test("without a sender that counts, what was handed to it counts", () => {
  const counters = { exported: 9, droppedTooLarge: 1, droppedUnsent: 2, refusedTooMany: 3 };
  expect(spanOutcomes("jaeger-udp", counters)).toEqual({
    exporter: "jaeger-udp",
    exported: 9,
    dropped: { too_many_open: 3, unsent: 2, too_large: 1 },
  });
});

test("a sender that counts knows what was sent, and why not", () => {
  const counters = {
    exported: 9,
    droppedTooLarge: 0,
    droppedUnsent: 5,
    sent: 7,
    droppedQueueFull: 5,
    refusedTooMany: 0,
  };
  expect(spanOutcomes("otlp", counters)).toEqual({
    exporter: "otlp",
    exported: 7,
    dropped: { too_many_open: 0, too_large: 0, queue_full: 5 },
  });
});
