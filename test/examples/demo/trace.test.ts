import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Span } from "../../../examples/demo/jaeger-batch.ts";
import { assembleTraces, type TraceNode } from "../../../examples/demo/trace.ts";
import { orderSpans, span } from "./spans.ts";

/** `a(b c(d))` */
function outline(node: TraceNode): string {
  const below = node.children.map(outline).join(" ");
  return below === "" ? node.span.spanId : `${node.span.spanId}(${below})`;
}

const TREES: [string, Span[], string[], string[]][] = [
  ["a lone root", [span({ spanId: "a" })], ["a"], []],
  ["a chain", orderSpans("apple"), ["1(2(3(4(5(6(7))))))"], []],
  ["a chain that arrived backwards", orderSpans("apple").reverse(), ["1(2(3(4(5(6(7))))))"], []],
  [
    "children in the order they started",
    [
      span({ spanId: "late", parentId: "a", startUs: 9 }),
      span({ spanId: "early", parentId: "a", startUs: 3 }),
      span({ spanId: "a" }),
    ],
    ["a(early late)"],
    [],
  ],
  [
    "an orphan with its own children",
    [
      span({ spanId: "a" }),
      span({ spanId: "c", parentId: "lost", startUs: 1 }),
      span({ spanId: "d", parentId: "c", startUs: 2 }),
    ],
    ["a"],
    ["c(d)"],
  ],
  ["two roots", [span({ spanId: "a" }), span({ spanId: "b", startUs: 1 })], ["a", "b"], []],
];

test.each(TREES)("puts together %s", (_label, spans, roots, orphans) => {
  const [trace, ...others] = assembleTraces(spans);
  expect(others).toEqual([]);
  expect(trace!.roots.map(outline)).toEqual(roots);
  expect(trace!.orphans.map(outline)).toEqual(orphans);
});

test("the order in which spans arrive does not matter", () => {
  const spans = orderSpans("apple");
  const expected = assembleTraces(spans);
  fc.assert(
    fc.property(fc.shuffledSubarray(spans, { minLength: spans.length }), (shuffled) => {
      expect(assembleTraces(shuffled)).toEqual(expected);
    }),
  );
});

test("keeps traces apart, the oldest first, even where span ids are the same", () => {
  const young = orderSpans("pear", 200, "b".repeat(16)).map((s) => ({ ...s, startUs: s.startUs + 1000 }));
  const traces = assembleTraces([...young, ...orderSpans("apple", 200, "a".repeat(16))]);
  expect(traces.map(({ id, spans }) => [id[0], spans.length])).toEqual([
    ["a", 7],
    ["b", 7],
  ]);
});

test("no spans are no traces", () => {
  expect(assembleTraces([])).toEqual([]);
});
