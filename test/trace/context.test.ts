import { describe, expect, test } from "bun:test";
import { childOf, DEBUG, isValid, newRoot, SAMPLED, SpanContext } from "../../src/trace/context.ts";
import { formatJaeger } from "../../src/trace/jaeger.ts";
import { contextOf } from "./support/golden.ts";
import { idsFrom } from "./support/ids.ts";

describe("a new root", () => {
  test("has the low half of its trace id as span id and no parent", () => {
    const root = newRoot(new SpanContext(), idsFrom(0x11, 0x22), false, SAMPLED);
    expect(formatJaeger(root)).toBe("0000001100000022:0000001100000022:0000000000000000:1");
  });

  test("has a random upper half when 128 bits are wanted", () => {
    const root = newRoot(new SpanContext(), idsFrom(0x11, 0x22, 0x33, 0x44), true, 0);
    expect(formatJaeger(root)).toBe("00000033000000440000001100000022:0000001100000022:0000000000000000:0");
  });

  test("never has the id zero, which means none", () => {
    const root = newRoot(new SpanContext(), idsFrom(0, 0, 0, 0, 0, 7), false, 0);
    expect(root.spanLo).toBe(7);
    expect(isValid(root)).toBe(true);
  });

  test("leaves nothing of what the context was before", () => {
    const used = contextOf("ffffffffffffffffffffffffffffffff", "ff", "ff", 255);
    newRoot(used, idsFrom(0, 1), false, 0);
    expect(used).toEqual(newRoot(new SpanContext(), idsFrom(0, 1), false, 0));
  });
});

describe("a child", () => {
  const parent = contextOf("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "1", SAMPLED | DEBUG);
  const expected = "0af7651916cd43dd8448eb211c80319c:0000000500000006:b7ad6b7169203331:3";

  test("continues trace and flags and names its parent", () => {
    expect(formatJaeger(childOf(new SpanContext(), parent, idsFrom(5, 6)))).toBe(expected);
  });

  test("may take the place of its parent", () => {
    const self = new SpanContext();
    self.copy(parent);
    expect(formatJaeger(childOf(self, self, idsFrom(5, 6)))).toBe(expected);
  });
});

test.each([
  ["0", "1", false],
  ["1", "0", false],
  ["1", "1", true],
  ["10000000000000000000000000000000", "8000000000000000", true],
])("a context of trace %s and span %s is valid: %s", (trace, span, valid) => {
  expect(isValid(contextOf(trace, span))).toBe(valid);
});

test("a context is sampled when bit 0 of its flags says so, whatever the others say", () => {
  expect([0, 1, 2, 3].map((flags) => contextOf("1", "1", "0", flags).sampled)).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
