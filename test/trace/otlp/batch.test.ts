/** Both forms of OTLP, held to the same expectations. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Batch } from "../../../src/trace/batch.ts";
import { OtlpJsonBatch } from "../../../src/trace/otlp/json-batch.ts";
import { OtlpProtobufBatch } from "../../../src/trace/otlp/protobuf-batch.ts";
import { describeResource } from "../../../src/trace/otlp/resource.ts";
import { Span } from "../../../src/trace/span.ts";
import { type ConstantTag, constantBool, constantText, tagKey } from "../../../src/trace/tag.ts";
import { anySpan } from "../support/any-span.ts";
import { contextOf, goldenPackets, recordGolden } from "../support/golden.ts";
import { type ReadOtlpSpan, type ReadRequest, readOtlp, readOtlpJson } from "../support/otlp-reader.ts";

const RESOURCE = describeResource({ serviceName: "café", tags: [] }, [{ key: "env", value: "中" }], "1.2.3");
const KEY = tagKey("k");
const [sample] = fc.sample(anySpan, { numRuns: 1, seed: 1 }) as [Span];

type NewBatch = (spansMax?: number, maxBytes?: number) => Batch;

const FORMS: [name: string, NewBatch, (body: Uint8Array) => ReadRequest][] = [
  [
    "protobuf",
    (spansMax = 512, maxBytes = 200_000) => new OtlpProtobufBatch(RESOURCE, spansMax, maxBytes),
    readOtlp,
  ],
  [
    "JSON",
    (spansMax = 512, maxBytes = 200_000) => new OtlpJsonBatch(RESOURCE, spansMax, maxBytes),
    readOtlpJson,
  ],
];

/** A sampled root that lasts 7 µs. */
function begun(operation = "/op"): Span {
  const span = new Span();
  span.start(contextOf("1a", "2b", "0", 1), null, 1_795_389_726_687_250);
  span.operationLatin1(operation);
  span.finish(1_795_389_726_687_257);
  return span;
}

describe.each(FORMS)("in %s", (_name, newBatch, read) => {
  const encoded = (...spans: Span[]): readonly ReadOtlpSpan[] => {
    const batch = newBatch();
    for (const span of spans) expect(batch.add(span)).toBe(true);
    return read(batch.message()).spans;
  };
  const attributesOf = (span: Span) =>
    encoded(span)[0]!.attributes.map(({ key, value }) => [key, ...Object.values(value)]);

  test("an independent decoder reads resource and scope", () => {
    const { resource, scope } = read(newBatch().message());
    expect(resource.map(({ key, value }) => [key, value.stringValue])).toEqual([
      ["service.name", "café"],
      ["telemetry.sdk.name", "netramesh"],
      ["telemetry.sdk.language", "nodejs"],
      ["telemetry.sdk.version", "1.2.3"],
      ["env", "中"],
    ]);
    expect(scope).toEqual({ name: "netramesh", version: "1.2.3" });
  });

  test("a root has its ids left-padded, its times in nanoseconds and no parent", () => {
    expect(encoded(begun())[0]).toMatchObject({
      traceId: "0000000000000000000000000000001a",
      spanId: "000000000000002b",
      parentSpanId: "",
      name: "/op",
      kind: 1,
      startTimeUnixNano: "1795389726687250000",
      endTimeUnixNano: "1795389726687257000",
      attributes: [],
      flags: 1,
    });
  });

  test("a child names the span that its reference names", () => {
    const span = new Span();
    const trace = "0af7651916cd43dd8448eb211c80319c";
    span.start(contextOf(trace, "b7ad6b7169203331", "f1", 3), contextOf(trace, "00f067aa0ba902b7"), 1);
    expect(encoded(span)[0]).toMatchObject({
      traceId: trace,
      spanId: "b7ad6b7169203331",
      parentSpanId: "00f067aa0ba902b7",
      flags: 1,
    });
  });

  test.each([
    ["server", 2],
    ["client", 3],
    ["producer", 4],
    ["consumer", 5],
    ["internal", 1],
  ])("the constant tag span.kind=%s is the span's kind %d and no attribute", (value, kind) => {
    const span = begun();
    span.tag(constantText(tagKey("span.kind"), value));
    expect(encoded(span)[0]).toMatchObject({ kind, attributes: [] });
  });

  test("the constant tag error=true is the span's status and no attribute", () => {
    const span = begun();
    span.tag(constantText(tagKey("span.kind"), "server"));
    span.tag(constantBool(tagKey("error"), true));
    expect(encoded(span)[0]).toMatchObject({ kind: 2, status: { code: 2 }, attributes: [] });
  });

  test.each<[string, ConstantTag]>([
    ["an unknown kind", constantText(tagKey("span.kind"), "other")],
    ["no error", constantBool(tagKey("error"), false)],
  ])("%s stays an attribute", (_, tag) => {
    const span = begun();
    span.tag(tag);
    const [read] = encoded(span);
    expect(read!.kind).toBe(1);
    expect(read!.status?.code ?? 0).toBe(0);
    expect(attributesOf(span)).toEqual([[tag.key.name, tag.value]]);
  });

  test("constant tags keep their types", () => {
    const span = begun();
    span.tag(constantText(KEY, "text"));
    span.tag(constantBool(KEY, true));
    expect(encoded(span)[0]!.attributes.map(({ value }) => value)).toEqual([
      { stringValue: "text" },
      { boolValue: true },
    ]);
  });

  test.each([
    0,
    1,
    -1,
    127,
    128,
    -128,
    0x7fff_ffff,
    0x8000_0000,
    -0x8000_0000,
    -0x8000_0001,
    0xffff_ffff,
    0x1_0000_0000,
    -0x1_0000_0000,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])("the integer %p is exact", (value) => {
    const span = begun();
    span.tagLong(KEY, value);
    expect(encoded(span)[0]!.attributes).toEqual([{ key: "k", value: { intValue: String(value) } }]);
  });

  test("bytes that are no UTF-8 become U+FFFD, in names and in values", () => {
    const span = new Span();
    span.start(contextOf("1", "2", "0", 1), null, 1);
    const bytes = Buffer.from([0x61, 0xff, 0xe4, 0xb8, 0x62]);
    span.operationBytes(bytes, 0, bytes.length);
    span.tagBytes(KEY, bytes, 0, bytes.length);
    const batch = newBatch();
    batch.add(span);
    expect(batch.message().includes(0xff)).toBe(false);
    const [found] = read(batch.message()).spans;
    expect(found!.name).toBe("a\ufffd\ufffdb");
    expect(attributesOf(span)).toEqual([["k", "a\ufffd\ufffdb"]]);
  });

  test.each(["", "ascii", "café", "中文路径", "🦊", "\ufeffmark", 'quoted "\\ \n\0', "x".repeat(255)])(
    "the text %j is itself",
    (text) => {
      const span = begun();
      const bytes = Buffer.from(text);
      span.tagBytes(KEY, bytes, 0, bytes.length);
      expect(attributesOf(span)).toEqual([["k", text]]);
    },
  );

  test("dropped tags are counted", () => {
    const span = begun();
    for (let i = 0; i < 1000; i++) span.tagLong(KEY, i);
    const [read] = encoded(span);
    expect(read!.attributes.length).toBe(128);
    expect(read!.droppedAttributesCount).toBe(872);
  });

  test("spans of every length are read", () => {
    for (let length = 0; length < 200; length++) {
      expect(encoded(begun("x".repeat(length)))[0]!.name.length).toBe(length);
    }
    for (let tags = 55; tags < 75; tags++) {
      const span = begun();
      for (let i = 0; i < tags; i++) span.tagLatin1(KEY, "x".repeat(250));
      expect(encoded(span)[0]!.attributes.length).toBe(Math.min(tags, 65));
    }
  });

  test("all golden spans have their operations and tags", () => {
    const spans = goldenPackets("v230").flatMap((packet) => packet.spans);
    const found = encoded(...spans.map((span) => recordGolden(span)));
    expect(found.map(({ name }) => name)).toEqual(spans.map(({ operationName }) => operationName));
    const values = found.map(({ attributes }) =>
      attributes.map(({ key, value }) => [key, String(Object.values(value))]),
    );
    expect(values).toEqual(spans.map(({ tags }) => tags.map(({ key, value }) => [key, String(value)])));
  });

  describe("a batch", () => {
    test("takes as many spans as it may", () => {
      const batch = newBatch(3);
      expect([1, 2, 3, 4].map(() => batch.add(sample))).toEqual([true, true, true, false]);
      expect(batch.count).toBe(3);
      expect(read(batch.message()).spans.length).toBe(3);
    });

    test("is empty after being cleared, and filled again alike", () => {
      const batch = newBatch();
      batch.add(sample);
      batch.add(sample);
      const before = Buffer.from(batch.message());
      batch.clear();
      expect(batch.count).toBe(0);
      expect(read(batch.message()).spans).toEqual([]);
      batch.add(sample);
      batch.add(sample);
      expect(Buffer.from(batch.message())).toEqual(before);
    });

    test("at any limit either takes a span within the limit or refuses it", () => {
      const whole = newBatch();
      whole.add(sample);
      const size = whole.message().length;
      for (let limit = 1; limit < size + 20; limit++) {
        const batch = newBatch(512, limit);
        if (batch.add(sample)) expect(batch.message().length).toBeLessThanOrEqual(limit);
        else expect(limit).toBeLessThan(size + 10);
      }
    });

    test("stays readable when spans of every shape fill it", () => {
      const spans = fc.sample(anySpan, { numRuns: 50, seed: 3 });
      const batch = newBatch(100_000);
      let added = 0;
      for (let i = 0; i < 2000; i++) if (batch.add(spans[i % spans.length]!)) added++;
      expect(added).toBeLessThan(2000);
      expect(read(batch.message()).spans.length).toBe(added);
    });
  });
});

test("both forms say the same of any spans", () => {
  const plain = ({ spans }: ReadRequest) =>
    spans.map(({ attributes, status, droppedAttributesCount, ...span }) => ({
      ids: [span.traceId, span.spanId, span.parentSpanId],
      times: [span.startTimeUnixNano, span.endTimeUnixNano],
      kind: span.kind,
      name: span.name,
      flags: span.flags,
      status: status?.code ?? 0,
      dropped: droppedAttributesCount ?? 0,
      attributes: attributes.map(({ key, value }) => [key, ...Object.entries(value).flat().map(String)]),
    }));
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 5 }), (spans) => {
      const read = FORMS.map(([, newBatch, read]) => {
        const batch = newBatch();
        for (const span of spans) expect(batch.add(span)).toBe(true);
        return plain(read(batch.message()));
      });
      expect(read[0]).toEqual(read[1]!);
    }),
  );
});
