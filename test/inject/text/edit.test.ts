/** Edits of texts: what changes, and that nothing else does. */
import { describe, expect, test } from "bun:test";
import type { Change, Path } from "../../../src/inject/change.ts";
import { editText } from "../../../src/inject/text/edit.ts";
import { readDocuments } from "../../../src/inject/text/read.ts";

const why = "";
const add = (path: Path, value: unknown): Change => ({ op: "add", path, value, why });
const remove = (path: Path): Change => ({ op: "remove", path, why });
const swap = (path: Path, key: string, value: unknown): Change => ({ op: "swap", path, key, value, why });

function edit(text: string, ...changes: Change[]): string | null {
  const read = readDocuments(text);
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const [document, ...others] = read.documents;
  const unchanged = others.map((other) => ({ document: other, changes: [] }));
  const result = editText(text, [{ document: document!, changes }, ...unchanged]);
  return "text" in result ? result.text : null;
}

describe("an edit of", () => {
  const rows: [label: string, text: string, changes: Change[], expected: string][] = [
    ["a map", "a:\n  x: 1\n", [add(["a", "w"], "2")], 'a:\n  x: 1\n  w: "2"\n'],
    ["a map before its sibling", "a:\n  x: 1\nb: 2\n", [add(["a", "w"], 2)], "a:\n  x: 1\n  w: 2\nb: 2\n"],
    [
      "a map with a last comment",
      "a:\n  x: 1\n  # x\nb: 2\n",
      [add(["a", "w"], 2)],
      "a:\n  x: 1\n  # x\n  w: 2\nb: 2\n",
    ],
    [
      "a map before a comment on what follows",
      "a:\n  x: 1\n# b\nb: 2\n",
      [add(["a", "w"], 2)],
      "a:\n  x: 1\n  w: 2\n# b\nb: 2\n",
    ],
    [
      "a map that ends in a block of text",
      "a:\n  x: |\n    t\n\nb: 2\n",
      [add(["a", "w"], 2)],
      "a:\n  x: |\n    t\n  w: 2\n\nb: 2\n",
    ],
    [
      "a map without a last line break",
      "a:\n  x: 1",
      [add(["a", "w"], 2), add(["a", "z"], 3)],
      "a:\n  x: 1\n  w: 2\n  z: 3",
    ],
    ["a map with a key without value", "a:\n  x:\n", [add(["a", "w"], 2)], "a:\n  x:\n  w: 2\n"],
    [
      "a key without value",
      "a:\n  x:   # none\n  w: 1\n",
      [add(["a", "x"], { z: 1 })],
      "a:\n  x:\n    z: 1   # none\n  w: 1\n",
    ],
    ["an empty map", "a: {}\n", [add(["a", "w"], 2)], "a:\n  w: 2\n"],
    ["an empty list", "a: [] # none\n", [add(["a", 0], 2)], "a:\n  - 2 # none\n"],
    [
      "a list, at its start",
      "a:\n# x\n- 1\n",
      [add(["a", 0], 2), add(["a", 0], 3)],
      "a:\n- 3\n- 2\n# x\n- 1\n",
    ],
    [
      "a list, at its end",
      "a:\n  - 1\nb: 2\n",
      [add(["a", 1], { x: 1, w: [2] })],
      "a:\n  - 1\n  - x: 1\n    w:\n      - 2\nb: 2\n",
    ],
    [
      "a list whose items stand below their key",
      "a:\n- 1\nb: 2\n",
      [add(["a", 1], { w: [2] })],
      "a:\n- 1\n- w:\n  - 2\nb: 2\n",
    ],
    [
      "a pair",
      "a:\n  x: {p: 1}   # old\n  w: 2\n",
      [swap(["a", "x"], "z", { q: 2 })],
      "a:\n  z: {q: 2}   # old\n  w: 2\n",
    ],
    ["a padded pair", "a:\n  x: { p: 1 }\n", [swap(["a", "x"], "z", { q: 2 })], "a:\n  z: { q: 2 }\n"],
    [
      "a pair of lines",
      "a:\n    x:\n        p: 1\n",
      [swap(["a", "x"], "z", { q: 2 })],
      "a:\n    z:\n        q: 2\n",
    ],
    ["a removed pair", "a:\n  x: 1\n  w: 2\n", [remove(["a", "x"])], "a:\n  w: 2\n"],
    ["a removed item", "a:\n- 1\n- x: 1\n  w: 2\n- 3\n", [remove(["a", 1])], "a:\n- 1\n- 3\n"],
    ["a removed last pair without line break", "a:\n  x: 1\n  w: 2", [remove(["a", "w"])], "a:\n  x: 1"],
    ["a flow map", "{a: {x: 1}}\n", [add(["a", "w"], 2)], "{a: {x: 1, w: 2}}\n"],
    ["a flow map among lines", "a: {x: 1}\n", [add(["a", "w"], "true")], 'a: {x: 1, w: "true"}\n'],
    ["a flow list, at its start", "a: [1]\n", [add(["a", 0], 2), add(["a", 0], 3)], "a: [3, 2, 1]\n"],
    ["a flow list, at its end", "a: [1,]\n", [add(["a", 1], 2)], "a: [1, 2,]\n"],
    ["the first two of a flow list", "a: [1, 2, 3]\n", [remove(["a", 1]), remove(["a", 0])], "a: [3]\n"],
    ["the last two of a flow list", "a: [1, 2, 3]\n", [remove(["a", 2]), remove(["a", 1])], "a: [1]\n"],
    [
      "JSON in lines",
      '{\n  "a": {\n    "x": 1\n  }\n}',
      [add(["a", "w"], { z: [2] })],
      '{\n  "a": {\n    "x": 1,\n    "w": {\n      "z": [\n        2\n      ]\n    }\n  }\n}',
    ],
    ["JSON in one line", '{"a":{"x":1}}', [add(["a", "w"], "2")], '{"a":{"x":1, "w": "2"}}'],
    ["an empty JSON map", '{\n  "a": {}\n}', [add(["a", "w"], 2)], '{\n  "a": {\n    "w": 2\n  }\n}'],
    [
      "a document before another",
      "a:\n  x: 1\n---\nb: 1\n",
      [add(["a", "w"], 2)],
      "a:\n  x: 1\n  w: 2\n---\nb: 1\n",
    ],
    [
      "lines that end as on Windows",
      "a:\r\n  x: 1\r\n",
      [add(["a", "w"], [2])],
      "a:\r\n  x: 1\r\n  w:\r\n    - 2\r\n",
    ],
    [
      "a map that is an alias",
      "b: &b {x: 1}\na: *b # b\n",
      [add(["a", "w"], 2)],
      "b: &b {x: 1}\na:\n  x: 1\n  w: 2 # b\n",
    ],
    [
      "a map from a merge key",
      "b: &b {l: {x: 1}}\na:\n  <<: *b\n",
      [add(["a", "l", "w"], 2)],
      "b: &b {l: {x: 1}}\na:\n  <<: *b\n  l:\n    x: 1\n    w: 2\n",
    ],
    [
      "an item that is an alias",
      "b: &b {x: 1}\na:\n- *b\n",
      [add(["a", 0, "w"], 2)],
      "b: &b {x: 1}\na:\n- x: 1\n  w: 2\n",
    ],
  ];
  test.each(rows)("%s", (_, text, changes, expected) => {
    expect(edit(text, ...changes)).toBe(expected);
  });

  test("what an alias repeats elsewhere is refused, because it would change there, too", () => {
    expect(edit("a: &a\n  x: 1\nb: *a\n", add(["a", "w"], 2))).toBeNull();
  });
});

describe("a text is read as kubectl reads it:", () => {
  test.each<[string, unknown]>([
    ["a: yes", { a: true }],
    ["a: 0644", { a: 420 }],
    ["a: 12:30", { a: "12:30" }],
    ["a: 2026-01-01", { a: "2026-01-01" }],
    ["b: &b {x: 1}\na: {<<: *b}", { b: { x: 1 }, a: { x: 1 } }],
    ['{"a": "yes"}', { a: "yes" }],
  ])("%s", (text, value) => {
    const result = readDocuments(text);
    expect("documents" in result && result.documents.map((document) => document.value)).toEqual([value]);
  });
});

describe("what cannot be read is told with line and column:", () => {
  test.each<[text: string, line: number, column: number, message: RegExp]>([
    ["a: 1\na: 2\n", 2, 1, /keys must be unique/],
    ["a: 1\n---\nb: [1\n", 4, 1, /must be sufficiently indented and end with a \]/],
    ["a:\n\tb: 1\n", 2, 1, /Tabs are not allowed/],
    ["a: 1\nb: *c\n", 2, 4, /no anchor &c/],
    ["a: &a\n  b: [*a]\n", 2, 7, /inside its own anchor &a/],
    ["a: b: c\n", 1, 4, /Nested mappings/],
    ['{"a": 1', 1, 8, /./],
  ])("%j", (text, line, column, message) => {
    const result = readDocuments(text);
    const [problem] = "problems" in result ? result.problems : [];
    expect(problem).toMatchObject({ line, column, message: expect.stringMatching(message) });
  });

  test("aliases that would grow beyond measure", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    const result = readDocuments(`l0: &l0 x\n${levels.join("\n")}\n`);
    expect("problems" in result && result.problems[0]!.message).toContain("Excessive alias count");
  });
});
