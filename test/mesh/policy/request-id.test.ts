import { expect, test } from "bun:test";
import { RequestIdPolicy } from "../../../src/mesh/policy/request-id.ts";
import { apply } from "./apply.ts";

const policy = new RequestIdPolicy("X-Request-Id", () => "NEW");

// biome-ignore format: one row a line
const ROWS: [label: string, before: string, after: string, id: string][] = [
  ["absent: appended", "A: b\r\n", "A: b\r\nX-Request-Id: NEW\r\n", "NEW"],
  ["empty: filled in", "X-Request-Id:\r\nA: b\r\n", "X-Request-Id:NEW\r\nA: b\r\n", "NEW"],
  ["present: kept, whatever its case", "x-request-ID:  abc \r\n", "x-request-ID:  abc \r\n", "abc"],
  ["on the line after its name: kept", "X-Request-Id: \r\n\t abc\r\n", "X-Request-Id: \r\n\t abc\r\n", "abc"],
  ["several: the first counts, none changes", "X-Request-Id: a\r\nX-Request-Id: b\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n", "a"],
];
test.each(ROWS)("a request id that is %s", (_label, before, after, id) => {
  const { fields, exchange } = apply(policy, { lines: before });
  expect(fields).toBe(after);
  expect(exchange.requestId).toBe(id);
});

test("a generated id is a UUID version 4", () => {
  const { exchange } = apply(new RequestIdPolicy("X-Request-Id"), {});
  expect(exchange.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("no id is given twice, whether it was made before the request came or for it", () => {
  let made = 0;
  const counting = new RequestIdPolicy("X-Request-Id", () => `id ${++made}`);
  const ids: string[] = [];
  for (let i = 0; i < 6; i++) {
    ids.push(apply(counting, {}).exchange.requestId);
    if (i % 3 !== 0) counting.ended();
  }
  expect(new Set(ids).size).toBe(6);
  counting.ended();
  expect(made).toBe(7);
});

test("of a very long request id only as much is kept as shows that it is too long to be remembered", () => {
  const id = "x".repeat(5000);
  const { fields, exchange } = apply(policy, { lines: `X-Request-Id: ${id}\r\n` });
  expect(fields).toBe(`X-Request-Id: ${id}\r\n`);
  expect(exchange.requestId).toBe("x".repeat(257));
});
