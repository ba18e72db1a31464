import { expect, test } from "bun:test";
import { Bad } from "../../src/env.ts";
import { DEFAULT_PROPAGATORS, parsePropagators } from "../../src/trace/propagation.ts";

test.each([
  ["one", "b3", ["b3"]],
  ["several, in their order", "b3multi,tracecontext", ["b3multi", "tracecontext"]],
  ["spaces, capitals and empty items", " Jaeger ,,TRACECONTEXT, ", ["jaeger", "tracecontext"]],
  ["one that is there twice", "b3,b3,jaeger", ["b3", "jaeger"]],
  ["OpenTelemetry's default", "tracecontext,baggage", ["tracecontext"]],
  ["none", "none", []],
])("a list of propagators: %s", (_label, text, expected) => {
  expect(parsePropagators(text)).toEqual(expected as never);
});

test.each(["xray", "jaeger,w3c", "none,jaeger", ",", "jaeger tracecontext"])("refused: %s", (text) => {
  expect(parsePropagators(text)).toBeInstanceOf(Bad);
});

test("the default is 0.10's format, then the standard", () => {
  expect(DEFAULT_PROPAGATORS).toEqual(["jaeger", "tracecontext"]);
});
