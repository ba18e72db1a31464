import { expect, test } from "bun:test";
import { SourcePolicy } from "../../../src/mesh/policy/source.ts";
import type { Direction } from "../../../src/proxy/handler.ts";
import { apply } from "./apply.ts";

const policy = new SourcePolicy("X-Source", "me");

// biome-ignore format: one row a line
const ROWS: [label: string, direction: Direction, before: string, after: string][] = [
  ["outbound, absent: appended", "outbound", "A: b\r\n", "A: b\r\nX-Source: me\r\n"],
  ["outbound, present: replaced", "outbound", "x-source: you\r\nA: b\r\n", "x-source: me\r\nA: b\r\n"],
  ["outbound, several: one is left", "outbound", "X-Source: a\r\nA: b\r\nX-Source: c\r\n", "X-Source: me\r\nA: b\r\n"],
  ["inbound: untouched", "inbound", "X-Source: you\r\n", "X-Source: you\r\n"],
];
test("the source is set on requests without a span too", () => {
  expect(apply(policy, { direction: "outbound", ignored: true, lines: "A: b\r\n" }).fields).toContain(
    "X-Source: me",
  );
});

test.each(ROWS)("the source is %s", (_label, direction, lines, after) => {
  expect(apply(policy, { direction, lines }).fields).toBe(after);
});
