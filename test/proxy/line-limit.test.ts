import { expect, test } from "bun:test";
import { LineLimit } from "../../src/proxy/line-limit.ts";

test("one line of a kind passes in ten seconds, and the next one counts those between", () => {
  let now = 0;
  const lines = new LineLimit(() => now);
  const admitted = [lines.admit("direct", "a"), lines.admit("direct", "b"), lines.admit("loop", "c")];
  now = 9_999;
  admitted.push(lines.admit("direct", "d"));
  now = 10_000;
  admitted.push(lines.admit("direct", "e"), lines.admit("loop", "f"));
  expect(admitted).toEqual(["a", null, "c", null, "e (and 2 more since)", "f"]);
});
