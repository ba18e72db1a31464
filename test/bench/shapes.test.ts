import { expect, test } from "bun:test";
import { filledTo } from "../../bench/load/shapes.ts";

test("a head is filled to about the size that is asked for", () => {
  for (const bytes of [1000, 4000, 12000]) {
    const size = filledTo(bytes).join("\r\n").length;
    expect(size).toBeGreaterThan(bytes * 0.95);
    expect(size).toBeLessThan(bytes * 1.05);
  }
});
