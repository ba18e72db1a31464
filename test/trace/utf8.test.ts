import { expect, test } from "bun:test";
import fc from "fast-check";
import { cutUtf8 } from "../../src/trace/utf8.ts";

test.each([
  ["shorter than the limit", "abc", 4, "abc"],
  ["as long as the limit", "abcd", 4, "abcd"],
  ["ASCII longer than the limit", "abcde", 4, "abcd"],
  ["a two-byte rune across the limit", "abcé", 4, "abc"],
  ["a three-byte rune across the limit", "ab中", 4, "ab"],
  ["a four-byte rune across the limit", "a🙂b", 4, "a"],
  ["a rune that ends at the limit", "a中b", 4, "a中"],
])("a text %s", (_label, text, max, expected) => {
  const bytes = Buffer.from(`x${text}`);
  expect(bytes.toString("utf8", 1, cutUtf8(bytes, 1, bytes.length, max))).toBe(expected);
});

test("bytes that are no UTF-8 are cut at the limit", () => {
  expect(cutUtf8(new Uint8Array(10).fill(0x80), 0, 10, 5)).toBe(5);
});

test("a cut text is a prefix made of whole runes, at most three bytes short of the limit", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, max) => {
      const bytes = Buffer.from(text);
      const end = cutUtf8(bytes, 0, bytes.length, max);
      expect(text.startsWith(bytes.toString("utf8", 0, end))).toBe(true);
      expect(end).toBeLessThanOrEqual(max);
      expect(end).toBeGreaterThanOrEqual(Math.min(bytes.length, max - 3));
    }),
  );
});
