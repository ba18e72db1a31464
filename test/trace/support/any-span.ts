import fc from "fast-check";
import { Span } from "../../../src/trace/span.ts";
import { constantBool, constantText, tagKey } from "../../../src/trace/tag.ts";
import { contextOf } from "./golden.ts";

const KEYS = ["a", "http.path", "schlüssel", "k".repeat(200)].map(tagKey);
const CONSTANTS = [constantText(KEYS[1]!, "constänt"), constantBool(KEYS[2]!, false)];

const word = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((id) => id.toString(16).padStart(16, "0"));
const key = fc.constantFrom(...KEYS);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 150 }).map((text) => Buffer.from(text)),
  fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
);

/** Adds one tag. */
type AddTag = (span: Span) => void;

const tag: fc.Arbitrary<AddTag> = fc.oneof(
  fc.tuple(key, bytes).map(
    ([k, text]): AddTag =>
      (span) =>
        span.tagBytes(k, text, 0, text.length),
  ),
  fc.tuple(key, fc.maxSafeInteger()).map(
    ([k, value]): AddTag =>
      (span) =>
        span.tagLong(k, value),
  ),
  fc.tuple(key, fc.double({ noNaN: true })).map(
    ([k, value]): AddTag =>
      (span) =>
        span.tagDouble(k, value),
  ),
  fc.tuple(key, fc.boolean()).map(
    ([k, value]): AddTag =>
      (span) =>
        span.tagBool(k, value),
  ),
  fc.constantFrom(...CONSTANTS).map(
    (constant): AddTag =>
      (span) =>
        span.tag(constant),
  ),
);

/** Spans of every shape: with and without parent, of no or many tags, with text that is no UTF-8. */
export const anySpan: fc.Arbitrary<Span> = fc
  .record({
    ids: fc.tuple(fc.oneof(word, fc.constant("0")), word, word, word),
    isChild: fc.boolean(),
    flags: fc.constantFrom(0, 1, 3, 255),
    startAtUs: fc.integer({ min: 1, max: 2 ** 52 }),
    durationUs: fc.integer({ min: 0, max: 2 ** 40 }),
    operation: bytes,
    tags: fc.array(tag, { maxLength: 20 }),
  })
  .map(({ ids: [high, low, spanId, parentId], isChild, flags, startAtUs, durationUs, operation, tags }) => {
    const span = new Span();
    const trace = high === "0" ? low : high + low;
    const context = contextOf(trace, spanId, isChild ? parentId : "0", flags);
    span.start(context, isChild ? contextOf(trace, parentId) : null, startAtUs);
    span.operationBytes(operation, 0, operation.length);
    for (const add of tags) add(span);
    span.finish(startAtUs + durationUs);
    return span;
  });
