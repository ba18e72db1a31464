// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of JAEGER_TAGS
import { expect, test } from "bun:test";
import { parseJaegerTags } from "../../src/trace/jaeger-tags.ts";

const ENV = { POD: "pod-1", EMPTY: "" };

test.each([
  ["one pair", "a=1", ["a=1"]],
  ["several, trimmed, in order", " b = 2 ,a=1", ["b=2", "a=1"]],
  ["only the first equals sign splits", "a=b=c", ["a=b=c"]],
  ["an empty value", "a=", ["a="]],
  ["a variable", "a=${POD:none}", ["a=pod-1"]],
  ["a variable that is unset", "a=${NOPE:none}", ["a=none"]],
  ["a variable that is empty", "a=${EMPTY:none}", ["a=none"]],
  ["a default with colons", "a=${NOPE:http://x:1}", ["a=http://x:1"]],
  ["a variable without default", "a=${NOPE},b=${POD}", ["a=", "b=pod-1"]],
  ["what only looks like a variable", "a=x${POD:n},b=$POD", ["a=x${POD:n}", "b=$POD"]],
  ["the same key twice", "a=1,a=2", ["a=1", "a=2"]],
])("JAEGER_TAGS with %s", (_label, text, expected) => {
  const warnings: string[] = [];
  expect(parseJaegerTags(text, ENV, warnings).map(({ key, value }) => `${key}=${value}`)).toEqual(expected);
  expect(warnings).toEqual([]);
});

test.each([
  ["without an equals sign", "a=1,bare,b=2", '"bare"'],
  ["after a trailing comma", "a=1,b=2,", '""'],
  ["without a key", "a=1,=x,b=2", '"=x"'],
])("a pair %s, which makes Go panic or is useless, is skipped with a warning", (_label, text, pair) => {
  const warnings: string[] = [];
  expect(parseJaegerTags(text, ENV, warnings).length).toBe(2);
  expect(warnings).toEqual([`JAEGER_TAGS: ${pair} is not key=value, skipped`]);
});
