import { describe, expect, test } from "bun:test";
import { isValid } from "../../src/trace/context.ts";
import { OPERATION_MAX_BYTES, Span, TAGS_MAX, TEXT_MAX_BYTES } from "../../src/trace/span.ts";
import { constantBool, constantText, tagKey } from "../../src/trace/tag.ts";
import { decoded } from "./support/encode.ts";
import { contextOf } from "./support/golden.ts";

const KEY = tagKey("k");
const HEAD = Buffer.from("GET /café/中 HTTP/1.1");

function begun(): Span {
  const span = new Span();
  span.start(contextOf("1", "2", "3", 1), null, 1000);
  return span;
}

function tagsOf(span: Span): unknown[] {
  return decoded(span)[0]!.tags;
}

describe("the operation name", () => {
  test("is a range of received bytes", () => {
    const span = begun();
    span.operationBytes(HEAD, 4, 14);
    expect(decoded(span)[0]!.operationName).toBe("/café/中");
  });

  test("may be put together from several pieces", () => {
    const span = begun();
    span.operationLatin1("shop.example");
    span.operationBytes(HEAD, 4, 14);
    expect(decoded(span)[0]!.operationName).toBe("shop.example/café/中");
  });

  test("is cut as a whole, at a rune boundary", () => {
    const span = begun();
    span.operationLatin1("x".repeat(OPERATION_MAX_BYTES - 1));
    span.operationBytes(Buffer.from("中"), 0, 3);
    expect(span.operationEnd).toBe(OPERATION_MAX_BYTES - 1);
    span.operationLatin1("yz");
    expect(decoded(span)[0]!.operationName).toBe(`${"x".repeat(OPERATION_MAX_BYTES - 1)}y`);
  });

  test("is settled with the first tag", () => {
    const span = begun();
    span.operationLatin1("/a");
    span.tagLatin1(KEY, "v");
    span.operationLatin1("/b");
    span.operationBytes(HEAD, 0, 3);
    expect(decoded(span)[0]!).toMatchObject({ operationName: "/a", tags: [["k", "v"]] });
  });
});

describe("tags", () => {
  test("keep their order, whatever their kinds", () => {
    const span = begun();
    span.tag(constantText(tagKey("a"), "中"));
    span.tagLong(tagKey("b"), 200);
    span.tagBytes(tagKey("c"), HEAD, 0, 3);
    span.tagBool(tagKey("d"), true);
    span.tagDouble(tagKey("e"), 0.1);
    span.tag(constantBool(tagKey("f"), false));
    span.tagLatin1(tagKey("g"), "");
    span.tagDouble(tagKey("h"), -2.5);
    span.tagBool(tagKey("i"), false);
    expect(tagsOf(span)).toEqual([
      ["a", "中"],
      ["b", 200n],
      ["c", "GET"],
      ["d", true],
      ["e", 0.1],
      ["f", false],
      ["g", ""],
      ["h", -2.5],
      ["i", false],
    ]);
  });

  test.each([
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    0x7fff_ffff,
    0x8000_0000,
    -0x8000_0000,
    -0x8000_0001,
    0xffff_ffff,
    0x1_0000_0000,
    -0x1_0000_0000,
    -0x1_0000_0001,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])("hold the integer %p exactly", (value) => {
    const span = begun();
    span.tagLong(KEY, value);
    expect(tagsOf(span)).toEqual([["k", BigInt(value)]]);
  });

  test.each([0, -0, 1.5, -1e300, 5e-324, Number.MAX_VALUE, Infinity, -Infinity])(
    "hold the double %p exactly",
    (value) => {
      const span = begun();
      span.tagDouble(KEY, value);
      expect(tagsOf(span)).toEqual([["k", value]]);
    },
  );

  test.each([0, 1, 5, 24, 25, 127, 128, TEXT_MAX_BYTES])("hold a text of %d bytes", (length) => {
    const text = "abcdefgh".repeat(40).slice(0, length);
    const span = begun();
    span.tagBytes(KEY, Buffer.from(`<${text}>`), 1, 1 + length);
    span.tagLatin1(KEY, text);
    expect(tagsOf(span)).toEqual([
      ["k", text],
      ["k", text],
    ]);
  });

  test("cut texts to 256 bytes without splitting a rune, from bytes and from strings", () => {
    const bytes = Buffer.from(`${"x".repeat(TEXT_MAX_BYTES - 1)}中`);
    const span = begun();
    span.tagBytes(KEY, bytes, 0, bytes.length);
    span.tagLatin1(KEY, bytes.toString("latin1"));
    const cut = "x".repeat(TEXT_MAX_BYTES - 1);
    expect(tagsOf(span)).toEqual([
      ["k", cut],
      ["k", cut],
    ]);
  });

  test("pass on bytes that are no UTF-8 as they are", () => {
    const span = begun();
    span.tagBytes(KEY, new Uint8Array([0xff, 0xe4, 0x00]), 0, 3);
    expect([...span.bytes.subarray(0, 3)]).toEqual([0xff, 0xe4, 0x00]);
  });

  test("beyond the limit are dropped and counted", () => {
    const span = begun();
    for (let i = 0; i < TAGS_MAX + 5; i++) span.tagLong(KEY, i);
    expect(tagsOf(span).length).toBe(TAGS_MAX);
    expect(span.droppedTags).toBe(5);
  });

  test("whose text finds no room any more are dropped and counted; the others stay whole", () => {
    const span = begun();
    const text = "y".repeat(TEXT_MAX_BYTES);
    for (let i = 0; i < 70; i++) span.tagBytes(KEY, Buffer.from(text), 0, text.length);
    for (let i = 0; i < 3; i++) span.tagLatin1(KEY, text);
    const tags = tagsOf(span);
    expect(tags.length + span.droppedTags).toBe(73);
    expect(span.droppedTags).toBeGreaterThan(3);
    expect(tags.every((tag) => (tag as [string, string])[1] === text)).toBe(true);
  });
});

describe("a span", () => {
  test("without parent has no reference, with one exactly a CHILD_OF", () => {
    const root = begun();
    const child = new Span();
    child.start(contextOf("1", "5", "2", 1), contextOf("1", "2"), 1000);
    expect(decoded(root, child).map((span) => span.references)).toEqual([
      [],
      [{ type: 0, traceId: "1".padStart(32, "0"), spanId: "2".padStart(16, "0") }],
    ]);
  });

  test("holds no contexts while it waits in a pool", () => {
    const context = contextOf("1", "2", "3", 1);
    const span = new Span();
    span.start(context, contextOf("1", "3"), 1000);
    expect(span.context).toBe(context);
    span.rest();
    expect([span.context, span.parent].map(isValid)).toEqual([false, false]);
  });

  test.each([
    ["later", 1_795_389_726_687_250, 1_795_389_726_694_410, 7160],
    ["at once", 5, 5, 0],
    ["before it began, by a clock that was set back", 1000, 900, 0],
  ])("that ends %s lasts as long", (_label, startAtUs, endAtUs, durationUs) => {
    const span = new Span();
    span.start(contextOf("1", "2"), null, startAtUs);
    span.finish(endAtUs);
    expect(decoded(span)[0]).toMatchObject({ startTime: startAtUs, duration: durationUs });
  });

  test("begins anew without anything of the recording before", () => {
    const span = new Span();
    span.start(contextOf("1", "2"), contextOf("1", "9"), 10);
    span.operationLatin1("/old");
    for (let i = 0; i < TAGS_MAX + 1; i++) span.tagLatin1(KEY, "old");
    span.finish(20);
    span.start(contextOf("3", "4"), null, 30);
    const fresh = new Span();
    fresh.start(contextOf("3", "4"), null, 30);
    expect(decoded(span)).toEqual(decoded(fresh));
    expect(span.droppedTags).toBe(0);
  });
});
