import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readRejection } from "../../../src/trace/sender/otlp-rejection.ts";
import { partialSuccess } from "../support/otlp-reader.ts";

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe("an answer tells in protobuf", () => {
  test.each<[number, string]>([
    [1, ""],
    [300, "too öld"],
    [70_000, "x".repeat(300)],
    [0, "a warning"],
  ])("that %d spans were left out, and why: %p", (spans, why) => {
    expect(readRejection("http/protobuf", partialSuccess(spans, why))).toEqual({ spans, why });
  });

  test("nothing when all spans were taken", () => {
    expect(readRejection("http/protobuf", new Uint8Array(0))).toBeNull();
    expect(readRejection("http/protobuf", partialSuccess(0, ""))).toBeNull();
  });

  test.each([
    ["a length beyond the end", [0x0a, 0x05, 0x08]],
    ["a number that does not end", [0x08, 0xff]],
    ["a group", [0x0b, 0x0c]],
    ["a number where the message should be", [0x08, 0x05]],
    ["a message where the number should be", [0x0a, 0x03, 0x0a, 0x01, 0x78]],
    ["a number where the reason should be", [0x0a, 0x02, 0x10, 0x01]],
  ])("nothing with %s", (_, bytes) => {
    expect(readRejection("http/protobuf", new Uint8Array(bytes))).toBeNull();
  });

  test("the same with fields of tomorrow in between", () => {
    const more = [0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4, 0x22, 1, 120];
    const answer = Buffer.concat([Buffer.from(more), partialSuccess(3, "why")]);
    expect(readRejection("http/protobuf", answer)).toEqual({ spans: 3, why: "why" });
  });
});

describe("an answer tells in JSON", () => {
  test.each([
    [{ partialSuccess: { rejectedSpans: "3", errorMessage: "why" } }, { spans: 3, why: "why" }],
    [{ partialSuccess: { rejectedSpans: 3 } }, { spans: 3, why: "" }],
    [{ partialSuccess: { errorMessage: "a warning" } }, { spans: 0, why: "a warning" }],
    [{ partialSuccess: { rejectedSpans: "some", errorMessage: "" } }, null],
    [{ partialSuccess: { rejectedSpans: -1 } }, null],
    [{ partialSuccess: {} }, null],
    [{ partialSuccess: null }, null],
    [{}, null],
    [null, null],
  ])("%j", (answer, expected) => {
    expect(readRejection("http/json", json(answer))).toEqual(expected);
  });
});

test("a reason is cut before it fills the log", () => {
  const answer = partialSuccess(1, "x".repeat(10_000));
  expect(readRejection("http/protobuf", answer)!.why.length).toBe(300);
});

test("whatever a collector answers, reading it neither throws nor claims spans that no number named", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (inner) => {
      const wrapped = Buffer.concat([Buffer.of(0x0a, inner.length), inner]);
      for (const body of [inner, wrapped]) {
        for (const protocol of ["http/json", "http/protobuf"] as const) {
          const rejection = readRejection(protocol, body);
          expect(rejection === null || rejection.spans >= 0).toBe(true);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
