import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { explainFull, isFull, isOverdrawn } from "../../src/proxy/capacity.ts";
import type { Direction } from "../../src/proxy/handler.ts";

const rows: [openConnections: number, deadDials: number, outbound: boolean, inbound: boolean][] = [
  [9, 0, false, false],
  [10, 0, true, true],
  [0, 9, false, false],
  [0, 10, true, false],
  [4, 10, true, false],
  [5, 10, true, true],
  [4, 6, true, false],
  [4, 5, false, false],
  [8, 1, false, false],
  [9, 1, true, true],
  [0, 20, true, true],
];
test.each(rows)(
  "of 10, %d open connections and %d dead dials are full outbound: %p, inbound: %p",
  (openConnections, deadDials, outbound, inbound) => {
    const load = { openConnections, deadDials };
    expect([isFull("outbound", load, 10), isFull("inbound", load, 10)]).toEqual([outbound, inbound]);
  },
);

describe("whatever is admitted and dies", () => {
  const events = (admitted: Direction) =>
    fc.array(
      fc.constantFrom("outbound" as const, admitted, "die" as const, "settle" as const, "end" as const),
      {
        maxLength: 400,
      },
    );

  /** The loads that follow from each event: a session that dies on its dial leaves the dial behind. */
  function loads(steps: readonly (Direction | "die" | "settle" | "end")[], maxConnections: number) {
    let [openConnections, deadDials] = [0, 0];
    return steps.map((step) => {
      if (step === "settle") deadDials = Math.max(0, deadDials - 1);
      else if (step === "end") openConnections = Math.max(0, openConnections - 1);
      else if (step !== "die")
        openConnections += isFull(step, { openConnections, deadDials }, maxConnections) ? 0 : 1;
      else if (openConnections > 0) [openConnections, deadDials] = [openConnections - 1, deadDials + 1];
      return { openConnections, deadDials };
    });
  }

  test("no more files are held than two for each connection allowed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), events("inbound"), (max, steps) => {
        for (const { openConnections, deadDials } of loads(steps, max)) {
          expect(2 * openConnections + deadDials).toBeLessThanOrEqual(2 * max);
        }
      }),
    );
  });

  test("outbound connections alone leave dead dials half of the files at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), events("outbound"), (max, steps) => {
        for (const { deadDials } of loads(steps, max)) expect(deadDials).toBeLessThanOrEqual(max);
      }),
    );
  });
});

test.each([
  [0, 0, false],
  [10, 0, false],
  [9, 2, false],
  [9, 3, true],
  [10, 1, true],
])(
  "of 10, %d open connections and %d dead dials hold too many files: %p",
  (openConnections, deadDials, expected) => {
    expect(isOverdrawn({ openConnections, deadDials }, 10)).toBe(expected);
  },
);

test.each([
  [{ openConnections: 10, deadDials: 0 }, "10 connections are open already"],
  [{ openConnections: 10, deadDials: 3 }, "10 connections are open already"],
  [
    { openConnections: 4, deadDials: 6 },
    "4 of at most 10 connections are open (6 dials given up on that the kernel still holds)",
  ],
])("%j is explained by what fills it", (load, explanation) => {
  expect(explainFull(load, 10)).toBe(explanation);
});
