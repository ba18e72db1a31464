import { describe, expect, test } from "bun:test";
import { backOffMs, judge, retryAfterMs } from "../../../src/trace/sender/http-verdict.ts";

const NOW_AT = Date.parse("2026-11-23T02:00:00Z");

function answer(status: number, retryAfter: string | null = null, statusText = "") {
  return { status, statusText, retryAfter, body: new Uint8Array(0) };
}

describe("a batch is", () => {
  test.each([200, 202, 204, 299])("delivered when the answer is %d", (status) => {
    expect(judge(answer(status), NOW_AT)).toEqual({ kind: "delivered" });
  });

  test.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [400, false],
    [401, false],
    [404, false],
    [408, false],
    [413, false],
    [500, false],
    [501, false],
    [301, false],
    [307, false],
  ])("refused when the answer is %d, sent again: %p", (status, again) => {
    expect(judge(answer(status), NOW_AT)).toMatchObject({ kind: "failed", reason: "refused", again });
  });

  test("sent again when there was no answer", () => {
    const verdict = judge({ why: "no connection", timedOut: false }, NOW_AT);
    expect(verdict).toEqual({
      kind: "failed",
      reason: "unreachable",
      why: "no connection",
      again: true,
      waitMs: 0,
    });
  });

  test("lost when the answer did not come in time", () => {
    const verdict = judge({ why: "no answer", timedOut: true }, NOW_AT);
    expect(verdict).toMatchObject({ reason: "unreachable", again: false });
  });
});

describe("the reason names", () => {
  test.each([
    [answer(503, null, "Service Unavailable"), "answered 503 Service Unavailable"],
    [answer(429), "answered 429"],
    [answer(302, null, "Found"), "answered 302 Found (redirects are not followed)"],
  ])("the status: %j", (given, why) => {
    expect(judge(given, NOW_AT)).toMatchObject({ why });
  });
});

describe("Retry-After", () => {
  test.each([
    [null, 0],
    ["0", 0],
    ["7", 7000],
    ["86400", 300_000],
    ["Mon, 23 Nov 2026 02:00:09 GMT", 9000],
    ["Mon, 23 Nov 2026 01:00:00 GMT", 0],
    ["Tue, 23 Nov 2027 02:00:09 GMT", 300_000],
    ["soon", 0],
    ["-5", 0],
    ["", 0],
  ])("%p means to wait %d ms", (value, waitMs) => {
    expect(retryAfterMs(value, NOW_AT)).toBe(waitMs);
  });

  test("counts for what may be sent again only", () => {
    expect(judge(answer(503, "7"), NOW_AT)).toMatchObject({ waitMs: 7000 });
    expect(judge(answer(500, "7"), NOW_AT)).toMatchObject({ waitMs: 0 });
  });
});

describe("the back-off", () => {
  test.each([
    [1, 0.5, 1000],
    [2, 0.5, 2000],
    [5, 0.5, 16_000],
    [6, 0.5, 30_000],
    [1000, 0.5, 30_000],
    [3, 0, 2000],
    [3, 1, 6000],
  ])("before repetition %d with chance %d is %d ms", (attempt, random, ms) => {
    expect(backOffMs(attempt, random)).toBe(ms);
  });
});
