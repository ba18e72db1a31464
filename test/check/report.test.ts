import { expect, test } from "bun:test";
import { error, ok, type Section, warning } from "../../src/check/finding.ts";
import { isSuccess, reportJson, reportText } from "../../src/check/report.ts";

const MIXED: readonly Section[] = [
  {
    category: "network",
    findings: [ok("nat", "a rule is there"), error("exemption", "not exempt", "be 1337")],
  },
  { category: "ports", findings: [] },
  { category: "tracing", findings: [warning("agent", "from\x1b[2Jfar\n", "look")] },
];

test("people read one line for each check, the hint below it, and no empty section", () => {
  expect(reportText(MIXED, false)).toBe(
    "network\n-------\n√ a rule is there\n× not exempt\n    be 1337\n\n" +
      "tracing\n-------\n‼ from�[2Jfar�\n    look\n\n× 1 error, 1 warning\n",
  );
});

test("colours are for the marks alone", () => {
  const text = reportText(MIXED, true);
  expect(text).toContain("\x1b[32m√\x1b[0m a rule is there\n");
  expect(text).toContain("\x1b[31m×\x1b[0m 1 error, 1 warning\n");
  expect(Bun.stripANSI(text)).toBe(reportText(MIXED, false));
});

test("programs read one object", () => {
  expect(JSON.parse(reportJson(MIXED))).toEqual({
    checks: [
      { category: "network", name: "nat", result: "ok", message: "a rule is there", hint: null },
      { category: "network", name: "exemption", result: "error", message: "not exempt", hint: "be 1337" },
      { category: "tracing", name: "agent", result: "warning", message: "from\x1b[2Jfar\n", hint: "look" },
    ],
    success: false,
  });
});

test.each([
  ["nothing", [], true],
  ["a warning", [{ category: "a", findings: [warning("b", "c", "d")] }], true],
  ["an error", MIXED, false],
] as [string, Section[], boolean][])("%s decides about success", (_, sections, success) => {
  expect(isSuccess(sections)).toBe(success);
});
