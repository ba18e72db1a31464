import { expect, test } from "bun:test";
import { answerFaults, type Sent, traceFaults } from "../../../examples/demo/checks.ts";
import type { Span } from "../../../examples/demo/jaeger-batch.ts";
import { SHOWN } from "../../../examples/demo/requests.ts";
import { assembleTraces } from "../../../examples/demo/trace.ts";
import { orderSpans, span } from "./spans.ts";

const [APPLE, , TRUFFLE] = SHOWN;
const ONE_APPLE: Sent[] = [{ order: APPLE!, times: 1 }];
const ID = "7".repeat(16);

function faults(spans: readonly Span[], sent = ONE_APPLE): string[] {
  return traceFaults(assembleTraces(spans), sent);
}

/** The spans of an apple, with `changes` made to the one called `spanId`. */
function changed(spanId: string, changes: Partial<Span>): Span[] {
  return orderSpans("apple").map((s) => (s.spanId === spanId ? { ...s, ...changes } : s));
}

test("finds nothing wrong with whole traces, of good orders and of bad ones", () => {
  const spans = [...orderSpans("apple"), ...orderSpans("truffle", 500, "8".repeat(16))];
  expect(faults(spans, [...ONE_APPLE, { order: TRUFFLE!, times: 1 }])).toEqual([]);
});

const error = new Map([["error", true]]);
const BROKEN: [string, Span[], string][] = [
  [
    "an inner span is missing",
    orderSpans("apple").filter((s) => s.spanId !== "6"),
    "the parent of shelf /take/apple is missing",
  ],
  ["the last span is missing", orderSpans("apple").slice(0, 6), "the shelf server span is missing"],
  ["there are two roots", changed("3", { parentId: null }), "2 roots instead of one"],
  [
    "the server is a sibling of the client",
    changed("3", { parentId: "1" }),
    "front cart/reserve/apple and cart /reserve/apple are siblings",
  ],
  [
    "a status is wrong",
    changed("7", { tags: span({ status: 404 }).tags }),
    "shelf server with status 404 where shelf server with status 200 should be",
  ],
  [
    "a good span says error",
    changed("1", { tags: new Map([...span({}).tags, ...error]) }),
    "front /order/apple has status 200 and error true",
  ],
  [
    "another header than that of the service tied a span to its parent",
    changed("2", { tags: span({ kind: "client", tie: "request_id" }).tags }),
    "front cart/reserve/apple was tied to its parent by request_id instead of traceparent",
  ],
  [
    "another service answered",
    changed("7", { service: "cart" }),
    "cart server with status 200 where shelf server with status 200 should be",
  ],
  [
    "there is a span too many",
    [...orderSpans("apple"), span({ spanId: "8", parentId: "7", operation: "/more" })],
    "one span too many, front /more",
  ],
];

test.each(BROKEN)("says what is wrong when %s", (_label, spans, fault) => {
  expect(faults(spans)).toContain(`trace ${ID}: ${fault}`);
});

test("misses a trace that never came", () => {
  expect(faults([])).toEqual(["/order/apple: 1 requests, but 0 traces that begin with it"]);
});

test("notices a trace nobody asked for", () => {
  const stray = span({ traceId: "9".repeat(16), operation: "/stray" });
  expect(faults([...orderSpans("apple"), stray])).toEqual([
    "trace 9999999999999999: it begins with /stray, which nobody asked for",
  ]);
});

test("compares what the customer was told", () => {
  const answers = [
    { status: 500, durationMs: 1 },
    { status: 502, durationMs: 1 },
  ];
  expect(answerFaults(TRUFFLE!, answers)).toEqual(["/order/truffle answered 500 instead of 502"]);
});
