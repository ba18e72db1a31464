import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FOREIGN, isValid, RANDOM, SAMPLED, SpanContext } from "../../src/trace/context.ts";
import { readTraceparent, TRACEPARENT_BYTES, writeTraceparent } from "../../src/trace/w3c.ts";
import { contexts, usedContext } from "./support/contexts.ts";
import { contextOf } from "./support/golden.ts";

const TRACE = "12345678901234567890123456789012";
const SPAN = "1234567890123456";

/** Reads a value that lies somewhere inside a larger buffer, as header values do. */
function read(value: string): SpanContext | null {
  const around = Buffer.from(`0-a${value}-0f`, "latin1");
  const into = usedContext();
  return readTraceparent(around, 3, 3 + Buffer.byteLength(value, "latin1"), into) ? into : null;
}

function written(context: SpanContext): string {
  const out = Buffer.alloc(TRACEPARENT_BYTES);
  return out.toString("latin1", 0, writeTraceparent(context, out, 0));
}

describe("a traceparent is read", () => {
  test.each([
    ["sampled", `00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    ["unsampled", `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-00`],
    ["random is passed on", `00-${TRACE}-${SPAN}-03`, `00-${TRACE}-${SPAN}-03`],
    ["unknown flags are not", `00-${TRACE}-${SPAN}-ff`, `00-${TRACE}-${SPAN}-03`],
    ["a later version", `cc-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    [
      "a later version that says more",
      `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`,
      `00-${TRACE}-${SPAN}-01`,
    ],
    ["a later version that ends in a dash", `cc-${TRACE}-${SPAN}-01-`, `00-${TRACE}-${SPAN}-01`],
    ["a 64-bit trace id", `00-${"0".repeat(16)}${SPAN}-${SPAN}-01`, `00-${"0".repeat(16)}${SPAN}-${SPAN}-01`],
    [
      "all bits set",
      `00-${"f".repeat(32)}-${"f".repeat(16)}-01`,
      `00-${"f".repeat(32)}-${"f".repeat(16)}-01`,
    ],
  ])("%s", (_label, value, expected) => {
    expect(written(read(value)!)).toBe(expected);
  });
});

describe("a traceparent is refused", () => {
  test.each([
    ["empty", ""],
    ["version ff", `ff-${TRACE}-${SPAN}-01`],
    ["a version that is none", `.0-${TRACE}-${SPAN}-01`],
    ["half a version", `0-${TRACE}-${SPAN}-01`],
    ["three digits of version", `000-${TRACE}-${SPAN}-01`],
    ["version 00 that says more", `00-${TRACE}-${SPAN}-01-what`],
    ["version 00 that ends in a dash", `00-${TRACE}-${SPAN}-01-`],
    ["a later version with something else behind it", `cc-${TRACE}-${SPAN}-01.what`],
    ["trace id zero", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["span id zero", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["upper case in the trace id", `00-${"A".repeat(32)}-${SPAN}-01`],
    ["upper case in the span id", `00-${TRACE}-${"A".repeat(16)}-01`],
    ["upper case in the flags", `00-${TRACE}-${SPAN}-0A`],
    ["upper case in the version", `CC-${TRACE}-${SPAN}-01`],
    ["a digit that is none", `00-.${TRACE.slice(1)}-${SPAN}-01`],
    ["a trace id one too short", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["a trace id one too long", `00-${TRACE}1-${SPAN}-01`],
    ["a span id one too short", `00-${TRACE}-${SPAN.slice(1)}-01`],
    ["a span id one too long", `00-${TRACE}-${SPAN}1-01`],
    ["one digit of flags", `00-${TRACE}-${SPAN}-1`],
    ["three digits of flags", `00-${TRACE}-${SPAN}-001`],
    ["flags that are none", `00-${TRACE}-${SPAN}-.0`],
    ["another separator", `00_${TRACE}-${SPAN}-01`],
    ["a space before", ` 00-${TRACE}-${SPAN}-01`],
    ["a space behind", `00-${TRACE}-${SPAN}-01 `],
    ["two of them in one", `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ])("%s", (_label, value) => {
    expect(read(value)).toBe(null);
  });
});

test("what is read says that others know the trace, and whether its id is random", () => {
  expect(read(`00-${TRACE}-${SPAN}-02`)!.traits).toBe(FOREIGN | RANDOM);
  expect(read(`00-${TRACE}-${SPAN}-01`)).toMatchObject({
    flags: SAMPLED,
    traits: FOREIGN,
    parentHi: 0,
    parentLo: 0,
  });
});

test("debug has no place in it", () => {
  expect(written(contextOf(TRACE, SPAN, "0", 3))).toBe(`00-${TRACE}-${SPAN}-01`);
});

test("whatever is written is read back, as far as it can be said", () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const buf = new Uint8Array(200);
      const end = writeTraceparent(context, buf, 100);
      const back = usedContext();
      expect(end - 100).toBe(TRACEPARENT_BYTES);
      expect(readTraceparent(buf, 100, end, back)).toBe(isValid(context));
      const said = new SpanContext();
      said.copy(context);
      said.parentHi = 0;
      said.parentLo = 0;
      said.flags &= SAMPLED;
      said.traits |= FOREIGN;
      expect(back).toEqual(said);
    }),
  );
});

/** Mostly almost right: pieces of valid values in any order. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 100 }),
  fc
    .array(
      fc.constantFrom(
        "-",
        "00",
        "01",
        "cc",
        "ff",
        "0",
        "f",
        "F",
        " ",
        "\0",
        "\xff",
        TRACE,
        SPAN,
        "0".repeat(16),
      ),
      { maxLength: 10 },
    )
    .map((pieces) => pieces.join("")),
  fc
    .tuple(
      fc.constantFrom("00", "01", "fe", "ff", "0g"),
      fc.constantFrom(TRACE, "0".repeat(32), "F".repeat(32), SPAN),
      fc.constantFrom(SPAN, "0".repeat(16), TRACE),
      fc.constantFrom("00", "01", "1", "01-", "01-x", "01x", "0F"),
    )
    .map((parts) => parts.join("-")),
);

/** The grammar as the specification has it, for comparison only. */
const GRAMMAR = /^(?!ff)([\da-f]{2})-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-[\s\S]*)?$/;

test("hostile values are accepted exactly when the grammar accepts them", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const value = Buffer.from(text, "latin1").toString("latin1");
      const match = GRAMMAR.exec(value);
      const valid = match !== null && (match[1] !== "00" || match[2] === undefined);
      expect(read(value) !== null).toBe(valid);
    }),
    { numRuns: 2000 },
  );
});
