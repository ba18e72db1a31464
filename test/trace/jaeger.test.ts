import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isValid, SpanContext } from "../../src/trace/context.ts";
import { formatJaeger, JAEGER_MAX_BYTES, readJaeger, writeJaeger } from "../../src/trace/jaeger.ts";

/** Reads a value that lies somewhere inside a larger buffer, as header values do. */
function read(value: string): string | null {
  const around = Buffer.from(`a:1:${value}:f1`, "latin1");
  const into = new SpanContext();
  return readJaeger(around, 4, 4 + Buffer.byteLength(value, "latin1"), into) ? formatJaeger(into) : null;
}

describe("a header value is read", () => {
  test.each([
    [
      "64-bit trace",
      "1f2e3d4c5b6a7988:8877665544332211:0:1",
      "1f2e3d4c5b6a7988:8877665544332211:0000000000000000:1",
    ],
    [
      "128-bit trace",
      "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:5:3",
      "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0000000000000005:3",
    ],
    ["without leading zeroes", "abc:def:0:1", "0000000000000abc:0000000000000def:0000000000000000:1"],
    [
      "17 digits of trace",
      "a8448eb211c80319c:1:0:1",
      "000000000000000a8448eb211c80319c:0000000000000001:0000000000000000:1",
    ],
    ["upper case", "ABC:DEF:0:1", "0000000000000abc:0000000000000def:0000000000000000:1"],
    ["escaped colons", "abc%3Adef%3a0%3A1", "0000000000000abc:0000000000000def:0000000000000000:1"],
    ["two digits of flags", "1:2:0:01", "0000000000000001:0000000000000002:0000000000000000:1"],
    ["flags above nine as hexadecimal", "1:2:0:ff", "0000000000000001:0000000000000002:0000000000000000:ff"],
    [
      "all bits set",
      `${"f".repeat(32)}:${"f".repeat(16)}:${"f".repeat(16)}:0`,
      `${"f".repeat(32)}:${"f".repeat(16)}:${"f".repeat(16)}:0`,
    ],
  ])("%s", (_label, value, expected) => {
    expect(read(value)).toBe(expected);
  });
});

describe("a header value is refused", () => {
  test.each([
    ["empty", ""],
    ["three parts", "1:2:0"],
    ["five parts", "1:2:0:1:1"],
    ["nothing between colons", "1::0:1"],
    ["no parent id", "1:2::1"],
    ["no flags", "1:2:0:"],
    ["33 digits of trace", `${"1".repeat(33)}:2:0:1`],
    ["17 digits of span", `1:${"2".repeat(17)}:0:1`],
    ["17 digits of parent", `1:2:${"3".repeat(17)}:1`],
    ["three digits of flags", "1:2:0:001"],
    ["trace id zero", "0:2:0:1"],
    ["span id zero", "1:0:0:1"],
    ["a digit that is none", "1x:2:0:1"],
    ["a sign", "-1:2:0:1"],
    ["a space before", " 1:2:0:1"],
    ["a space after", "1:2:0:1 "],
    ["half an escape", "1%3"],
    ["another escape", "1%3B2:0:1"],
    ["a letter outside ASCII", "1:2:0:\u00b9"],
  ])("%s", (_label, value) => {
    expect(read(value)).toBe(null);
  });
});

const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const contexts = fc.tuple(fc.array(word, { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 255 }));

function contextFrom([words, flags]: [number[], number]): SpanContext {
  const context = new SpanContext();
  [context.traceHighHi, context.traceHighLo, context.traceLowHi, context.traceLowLo] = words as [
    number,
    number,
    number,
    number,
  ];
  [, , , , context.spanHi, context.spanLo, context.parentHi, context.parentLo] = words as number[] & {
    length: 8;
  };
  context.flags = flags;
  return context;
}

test("whatever is written is read back unchanged, and never longer than promised", () => {
  fc.assert(
    fc.property(contexts, (fields) => {
      const context = contextFrom(fields);
      const buf = new Uint8Array(200);
      const end = writeJaeger(context, buf, 100);
      const back = new SpanContext();
      expect(end - 100).toBeLessThanOrEqual(JAEGER_MAX_BYTES);
      expect(readJaeger(buf, 100, end, back)).toBe(isValid(context));
      expect(back).toEqual(context);
    }),
  );
});

/** Mostly almost right: pieces of valid values in any order. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.array(
    fc.constantFrom(":", "%3A", "%", "0", "1", "f", "F", "g", "-", " ", "\0", "1".repeat(16), "a".repeat(32)),
    {
      maxLength: 12,
    },
  ),
);

/** The grammar as the specification has it, for comparison only. */
const GRAMMAR = /^([\da-f]{1,32})(?::|%3a)([\da-f]{1,16})(?::|%3a)([\da-f]{1,16})(?::|%3a)([\da-f]{1,2})$/i;

test("hostile values are accepted exactly when the grammar accepts them", () => {
  fc.assert(
    fc.property(hostile, (pieces) => {
      const value = Array.isArray(pieces) ? pieces.join("") : pieces;
      const latin1 = Buffer.from(value, "latin1").toString("latin1");
      const match = GRAMMAR.exec(latin1);
      const valid = match !== null && /[^0]/.test(match[1]!) && /[^0]/.test(match[2]!);
      expect(read(latin1) !== null).toBe(valid);
    }),
    { numRuns: 2000 },
  );
});
