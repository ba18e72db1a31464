import { expect, test } from "bun:test";
import { Bad } from "../../src/env.ts";
import { goFloat } from "../../src/trace/go-float.ts";

test.each([
  ["1", 1],
  ["-0.5", -0.5],
  [".5", 0.5],
  ["5.", 5],
  ["1e-3", 0.001],
  ["+1E3", 1000],
  ["0x1p-2", 0.25],
  ["0X1.8P1", 3],
  ["-0x.8p0", -0.5],
  ["inf", Infinity],
  ["-Infinity", -Infinity],
  ["NaN", Number.NaN],
])("Go reads %s as %p", (text, value) => {
  expect(goFloat(text)).toBe(value);
});

test.each(["", " 1", "1 ", "1,5", "one", "0x1", "0xp1", "1e", "e1", ".", "1e999", "-nan", "1_000", "0b1"])(
  "Go refuses %p",
  (text) => {
    expect(goFloat(text)).toBeInstanceOf(Bad);
  },
);
