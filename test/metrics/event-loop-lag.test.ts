import { expect, test } from "bun:test";
import { EventLoopLag } from "../../src/metrics/event-loop-lag.ts";
import { Exposition } from "../../src/metrics/exposition.ts";

test("what comes later than it is due is late by so much", () => {
  const looksAtMs = [0, 1000, 2005, 3004.5, 5100];
  let i = 0;
  const lag = new EventLoopLag(() => looksAtMs[i++]!);
  lag.look();
  for (let k = 1; k < looksAtMs.length; k++) lag.look();
  const out = new Exposition("prometheus");
  lag.write(out);
  const text = Buffer.from(out.end()).toString();
  expect(text).toContain('netramesh_event_loop_lag_seconds_bucket{le="0.001"} 3\n');
  expect(text).toContain('netramesh_event_loop_lag_seconds_bucket{le="0.005"} 4\n');
  expect(text).toContain('netramesh_event_loop_lag_seconds_bucket{le="1.0"} 4\n');
  expect(text).toContain("netramesh_event_loop_lag_seconds_count 5\n");
  expect(text).toContain("netramesh_event_loop_lag_seconds_sum 1.1005\n");
});
