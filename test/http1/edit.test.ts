import { describe, expect, test } from "bun:test";
import { HeadEdit, LinePrefix, MAX_WRITTEN_BYTES } from "../../src/http1/edit.ts";
import { Framing } from "../../src/http1/framing.ts";
import { FieldName, type Head, isToken } from "../../src/http1/head.ts";
import { MessageParser } from "../../src/http1/parser.ts";
import { splits } from "./harness.ts";

const A = new FieldName("a");
const B = new FieldName("b");
const NEW = new LinePrefix("N");

function writeStars(count: number, out: Uint8Array, at: number): number {
  out.fill(42, at, at + count);
  return at + count;
}

/** The head of `bytes`, edited by `change`, as it leaves. */
function edited(pieces: Uint8Array[], change: (edit: HeadEdit, head: Head) => void): string {
  const edit = new HeadEdit();
  const out = Buffer.alloc(4096);
  let result = "";
  const parser = new MessageParser("request", {
    begin: () => null,
    head: (head) => {
      edit.begin(head);
      change(edit, head);
      const end = edit.render(out, 5);
      expect(end - 5).toBeLessThanOrEqual(edit.maxBytes);
      result = out.toString("latin1", 5, end);
      return Framing.None;
    },
    wire: () => {},
    end: () => {},
    opaque: () => {},
  });
  for (const piece of pieces) parser.push(piece);
  return result;
}

// biome-ignore format: one row a line
const rows: [label: string, before: string, change: (edit: HeadEdit, head: Head) => void, after: string][] = [
  ["nothing", "A: 1\r\n", () => {}, "A: 1\r\n"],
  ["append", "A: 1\r\n", (e) => e.append(NEW, "v"), "A: 1\r\nN: v\r\n"],
  ["append to a head without fields", "", (e) => e.append(NEW, "v"), "N: v\r\n"],
  ["append what is written", "A: 1\r\n", (e) => e.appendWritten(NEW, writeStars, 3), "A: 1\r\nN: ***\r\n"],
  ["append a long text", "", (e) => e.append(NEW, "é".repeat(3000)), `N: ${"é".repeat(3000)}\r\n`],
  [
    "append more than there is room for at first",
    "",
    (e) => { for (let i = 0; i < 20; i++) { e.appendWritten(NEW, writeStars, MAX_WRITTEN_BYTES); e.append(NEW, "v"); } },
    `N: ${"*".repeat(MAX_WRITTEN_BYTES)}\r\nN: v\r\n`.repeat(20),
  ],
  ["append two", "A: 1\r\n", (e) => { e.append(NEW, "v"); e.append(NEW, "w"); }, "A: 1\r\nN: v\r\nN: w\r\n"],
  ["replace in place", "a:1 \r\nB: 2\r\n", (e, h) => e.replaceValue(h.find(A), "xyz"), "a:xyz \r\nB: 2\r\n"],
  ["replace an empty value", "A: \r\nB: 2\r\n", (e, h) => e.replaceValue(h.find(A), "x"), "A: x\r\nB: 2\r\n"],
  ["replace a folded value", "A: 1\r\n  2\r\nB: 3\r\n", (e, h) => e.replaceValue(h.find(A), "x"), "A: x\r\nB: 3\r\n"],
  ["remove", "A: 1\r\nB: 2\r\n", (e, h) => e.removeLine(h.find(A)), "B: 2\r\n"],
  ["remove a folded line", "B: 2\r\nA: 1\r\n\tx\r\n", (e, h) => e.removeLine(h.find(A)), "B: 2\r\n"],
  [
    "several, given out of order",
    "A: 1\r\nX: y\r\nB: 2\r\n",
    (e, h) => { e.removeLine(h.find(B)); e.append(NEW, "v"); e.replaceValue(h.find(A), "2"); },
    "A: 2\r\nX: y\r\nN: v\r\n",
  ],
];

describe("edits touch their lines and nothing else", () => {
  for (const [label, before, change, after] of rows) {
    test(label, () => {
      const input = Buffer.from(`GET / HTTP/1.1\r\n${before}\r\n`, "latin1");
      for (const pieces of splits(input, 3))
        expect(edited(pieces, change)).toBe(`GET / HTTP/1.1\r\n${after}\r\n`);
    });
  }
});

test("names are found without case and never by a similar one", () => {
  const found: number[] = [];
  const names = ["x-request-id", "X-Request-Ie", "x-request-i", "x_request_id"].map(
    (name) => new FieldName(name),
  );
  edited([Buffer.from("GET / HTTP/1.1\r\nX-Request-Ix: 1\r\nX-REQUEST-ID: 2\r\n\r\n")], (_, head) => {
    for (const name of names) found.push(head.find(name));
  });
  expect(found).toEqual([1, -1, -1, -1]);
});

test("a head of more fields than fit at first keeps them all", () => {
  const lines = Array.from({ length: 200 }, (_, i) => `H${i}: ${i}\r\n`).join("");
  const values: string[] = [];
  for (const size of [100_000, 33]) {
    const input = Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`);
    const pieces = Array.from({ length: Math.ceil(input.length / size) }, (_, i) =>
      input.subarray(i * size, (i + 1) * size),
    );
    edited(pieces, (_, head) =>
      values.push(head.value(head.find(new FieldName("h199"))), `${head.fieldCount}`),
    );
  }
  expect(values).toEqual(["199", "200", "199", "200"]);
});

test("only tokens are field names", () => {
  expect(["a", "X-Y", "!#$%&'*+-.^_`|~09"].every(isToken)).toBe(true);
  expect(["", "a b", "a:", "é", "a\r\n", "ā"].some(isToken)).toBe(false);
  expect(() => new FieldName("a b")).toThrow("not a field name");
});
