import { expect, test } from "bun:test";
import { choosePaint, coloured, plain } from "../../../examples/demo/paint.ts";
import { assembleTraces } from "../../../examples/demo/trace.ts";
import { traceText } from "../../../examples/demo/trace-text.ts";
import { orderSpans, span } from "./spans.ts";

test("shows a chain as a staircase in columns", () => {
  const [trace] = assembleTraces(orderSpans("truffle", 500));
  expect(traceText(trace!, plain)).toBe(
    `
/order/truffle  trace 7777777777777777, 7 spans
  front server                     /order/truffle           502    7.0 ms  error
  └─ front client                  cart/reserve/truffle     502    6.0 ms  tied by traceparent  error
     └─ cart server                /reserve/truffle         502    5.0 ms  error
        └─ cart client             stock/pick/truffle       502    4.0 ms  tied by b3  error
           └─ stock server         /pick/truffle            502    3.0 ms  error
              └─ stock client      shelf/take/truffle       500    2.0 ms  tied by request_id  error
                 └─ shelf server   /take/truffle            500    1.0 ms  error
`.trim(),
  );
});

test("draws a line past siblings, and names orphans", () => {
  const [trace] = assembleTraces([
    span({ spanId: "a", operation: "/" }),
    span({ spanId: "b", parentId: "a", operation: "/b", startUs: 1 }),
    span({ spanId: "c", parentId: "b", operation: "/c", startUs: 2 }),
    span({ spanId: "d", parentId: "a", operation: "/d", startUs: 3 }),
    span({ spanId: "e", parentId: "x", operation: "/e", startUs: 4 }),
  ]);
  expect(traceText(trace!, plain)).toBe(
    `
/  trace 7777777777777777, 5 spans
  front server         /                        200    1.0 ms
  ├─ front server      /b                       200    1.0 ms
  │  └─ front server   /c                       200    1.0 ms
  └─ front server      /d                       200    1.0 ms
  front server         /e                       200    1.0 ms  its parent never arrived
`.trim(),
  );
});

test("a trace without a root, of spans without tags, still has a text", () => {
  const [trace] = assembleTraces([span({ parentId: "x", tags: new Map() })]);
  expect(traceText(trace!, plain)).toContain("no root");
});

test("colour changes nothing but the colour", () => {
  const [trace] = assembleTraces(orderSpans("truffle", 500));
  const text = traceText(trace!, coloured);
  expect(text).not.toBe(Bun.stripANSI(text));
  expect(Bun.stripANSI(text)).toBe(traceText(trace!, plain));
});

const PAINTS: [string, boolean, Record<string, string>, typeof plain][] = [
  ["a terminal", true, { TERM: "xterm" }, coloured],
  ["a pipe", false, { TERM: "xterm" }, plain],
  ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, plain],
  ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, coloured],
  ["a dumb terminal", true, { TERM: "dumb" }, plain],
];

test.each(PAINTS)("%s gets the right colours", (_label, isTerminal, env, paint) => {
  expect(choosePaint(isTerminal, env)).toBe(paint);
});
