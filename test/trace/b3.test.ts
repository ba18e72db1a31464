import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  B3_MAX_BYTES,
  formatB3,
  formatB3Id,
  formatB3TraceId,
  isB3Debug,
  readB3,
  readB3ParentId,
  readB3Sampled,
  readB3SpanId,
  readB3TraceId,
  writeB3,
} from "../../src/trace/b3.ts";
import { DEBUG, FOREIGN, isValid, SAMPLED, SpanContext } from "../../src/trace/context.ts";
import { formatJaeger } from "../../src/trace/jaeger.ts";
import { Found } from "../../src/trace/propagation.ts";
import { contexts, usedContext } from "./support/contexts.ts";
import { contextOf } from "./support/golden.ts";

const WIDE = "80f198ee56343ba864fe8b2a57d3eff7";
const TRACE = "64fe8b2a57d3eff7";
const SPAN = "e457b5a2e4d86bd1";
const PARENT = "05e3ac9a4f6e3b90";
const NO_PARENT = "0".repeat(16);

/** Reads a value that lies somewhere inside a larger buffer, as header values do. */
function read(value: string): { found: Found; context: SpanContext } {
  const around = Buffer.from(`d-1${value}-1d`, "latin1");
  const context = usedContext();
  return { found: readB3(around, 3, 3 + Buffer.byteLength(value, "latin1"), context), context };
}

describe("b3 is read", () => {
  // biome-ignore format: one row a line
  test.each([
    ["ids and accepted", `${TRACE}-${SPAN}-1`, Found.Context, `${TRACE}:${SPAN}:${NO_PARENT}:1`],
    ["ids and denied", `${TRACE}-${SPAN}-0`, Found.Context, `${TRACE}:${SPAN}:${NO_PARENT}:0`],
    ["ids and debug", `${TRACE}-${SPAN}-d`, Found.Context, `${TRACE}:${SPAN}:${NO_PARENT}:3`],
    ["a parent", `${WIDE}-${SPAN}-1-${PARENT}`, Found.Context, `${WIDE}:${SPAN}:${PARENT}:1`],
    ["no decision", `${WIDE}-${SPAN}`, Found.Deferred, `${WIDE}:${SPAN}:${NO_PARENT}:0`],
    ["capitals", `${TRACE.toUpperCase()}-${SPAN.toUpperCase()}-1`, Found.Context, `${TRACE}:${SPAN}:${NO_PARENT}:1`],
  ])("%s", (_label, value, expected, context) => {
    const got = read(value);
    expect([got.found, formatJaeger(got.context)]).toEqual([expected, context]);
  });

  test.each([
    ["0", 0],
    ["1", SAMPLED],
    ["d", SAMPLED | DEBUG],
  ])("only a decision: %s", (value, flags) => {
    const { found, context } = read(value);
    expect([found, context.flags, context.traits]).toEqual([Found.Decision, flags, FOREIGN]);
  });

  test("an open decision is not a decision of others", () => {
    expect(read(`${TRACE}-${SPAN}`).context.traits).toBe(0);
    expect(read(`${TRACE}-${SPAN}-0`).context.traits).toBe(FOREIGN);
  });
});

describe("b3 is refused", () => {
  test.each([
    ["empty", ""],
    ["another decision", "2"],
    ["a word", "true"],
    ["capital D", "D"],
    ["a trace id of 15 digits", `${TRACE.slice(1)}-${SPAN}-1`],
    ["a trace id of 17 digits", `a${TRACE}-${SPAN}-1`],
    ["a trace id of 33 digits", `a${WIDE}-${SPAN}-1`],
    ["a span id of 15 digits", `${TRACE}-${SPAN.slice(1)}-1`],
    ["a span id of 17 digits", `${TRACE}-${SPAN}a-1`],
    ["a trace id alone", TRACE],
    ["a trace id and a dash", `${TRACE}-`],
    ["nothing behind the second dash", `${TRACE}-${SPAN}-`],
    ["two decisions", `${TRACE}-${SPAN}-11`],
    ["a decision that is none", `${TRACE}-${SPAN}-x`],
    ["nothing behind the third dash", `${TRACE}-${SPAN}-1-`],
    ["a short parent", `${TRACE}-${SPAN}-1-${PARENT.slice(1)}`],
    ["a fifth part", `${TRACE}-${SPAN}-1-${PARENT}-1`],
    ["trace id zero", `${NO_PARENT}-${SPAN}-1`],
    ["span id zero", `${TRACE}-${NO_PARENT}-1`],
    ["a space behind", `${TRACE}-${SPAN}-1 `],
    ["a digit that is none", `${TRACE.replace("6", "g")}-${SPAN}-1`],
  ])("%s", (_label, value) => {
    expect(read(value).found).toBe(Found.Malformed);
  });
});

test("whatever is written is read back unchanged, and never longer than promised", () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const buf = new Uint8Array(200);
      const end = writeB3(context, buf, 100);
      const back = usedContext();
      expect(end - 100).toBeLessThanOrEqual(B3_MAX_BYTES);
      expect(readB3(buf, 100, end, back)).toBe(isValid(context) ? Found.Context : Found.Malformed);
      if (isValid(context)) expect(formatJaeger(back)).toBe(formatJaeger(context));
    }),
  );
});

/** Mostly almost right: pieces of valid values in any order. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc
    .array(fc.constantFrom("-", "0", "1", "d", "D", "g", " ", "\0", TRACE, SPAN, WIDE, NO_PARENT), {
      maxLength: 8,
    })
    .map((pieces) => pieces.join("")),
  fc
    .tuple(
      fc.constantFrom(TRACE, WIDE, "0".repeat(32), `${TRACE}0`),
      fc.constantFrom(SPAN, NO_PARENT, WIDE),
      fc.constantFrom("0", "1", "d", "", "10"),
      fc.constantFrom(PARENT, NO_PARENT, "", "1"),
    )
    .chain((parts) => fc.integer({ min: 1, max: 4 }).map((count) => parts.slice(0, count).join("-"))),
);

/** The grammar as the specification has it, for comparison only. */
const GRAMMAR =
  /^(?:[01d]|(?!0+-)(?:[\da-f]{16}|[\da-f]{32})-(?!0{16})[\da-f]{16}(?:-[01d](?:-[\da-f]{16})?)?)$/i;

test("hostile values are accepted exactly when the grammar accepts them", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const value = Buffer.from(text, "latin1").toString("latin1");
      const valid = GRAMMAR.test(value) && !value.includes("D-") && !/(^|-)D$/.test(value);
      expect(read(value).found !== Found.Malformed).toBe(valid);
    }),
    { numRuns: 2000 },
  );
});

describe("the values of single fields", () => {
  const whole = <T>(value: string, use: (buf: Uint8Array, start: number, end: number) => T): T => {
    const around = Buffer.from(`f${value}f`, "latin1");
    return use(around, 1, around.length - 1);
  };

  test.each([
    [WIDE, true],
    [TRACE, true],
    [TRACE.slice(1), false],
    [`${WIDE}a`, false],
    ["", false],
    [`${TRACE.slice(1)}g`, false],
  ])("X-B3-TraceId: %s", (value, valid) => {
    expect(whole(value, (buf, start, end) => readB3TraceId(buf, start, end, new SpanContext()))).toBe(valid);
  });

  test.each([
    [SPAN, true],
    [SPAN.slice(1), false],
    [`${SPAN}a`, false],
    ["", false],
  ])("X-B3-SpanId and X-B3-ParentSpanId: %s", (value, valid) => {
    expect(whole(value, (buf, start, end) => readB3SpanId(buf, start, end, new SpanContext()))).toBe(valid);
    expect(whole(value, (buf, start, end) => readB3ParentId(buf, start, end, new SpanContext()))).toBe(valid);
  });

  test.each([
    ["1", 1],
    ["0", 0],
    ["true", 1],
    ["false", 0],
    ["True", -1],
    ["d", -1],
    ["", -1],
    ["01", -1],
  ])("X-B3-Sampled: %s is %d", (value, flags) => {
    expect(whole(value, readB3Sampled)).toBe(flags);
  });

  test.each([
    ["1", true],
    ["0", false],
    ["", false],
    ["11", false],
  ])("X-B3-Flags: %s", (value, debug) => {
    expect(whole(value, isB3Debug)).toBe(debug);
  });

  test("are written as they are read", () => {
    const context = contextOf(TRACE, SPAN, PARENT, 1);
    expect(formatB3TraceId(context)).toBe(TRACE);
    expect(formatB3TraceId(contextOf(WIDE, SPAN))).toBe(WIDE);
    expect(formatB3Id(context.spanHi, context.spanLo)).toBe(SPAN);
    expect(formatB3(context)).toBe(`${TRACE}-${SPAN}-1-${PARENT}`);
  });
});
