/** Findings as people read them, and as programs do. */
import type { Finding, Result, Section } from "./finding.ts";

/** SGR codes: green, yellow, red. */
const MARKS: Readonly<Record<Result, { readonly sign: string; readonly colour: string }>> = {
  ok: { sign: "√", colour: "32" },
  warning: { sign: "‼", colour: "33" },
  error: { sign: "×", colour: "31" },
};
const INDENT = "    ";

/** Whether nothing is wrong; warnings are not wrong. */
export function isSuccess(sections: readonly Section[]): boolean {
  return count(sections, "error") === 0;
}

/** One line for each finding, its hint below it, and one line that sums up. */
export function reportText(sections: readonly Section[], coloured: boolean): string {
  const mark = (result: Result) => {
    const { sign, colour } = MARKS[result];
    return coloured ? `\x1b[${colour}m${sign}\x1b[0m` : sign;
  };
  const line = ({ result, message, hint }: Finding) =>
    `${mark(result)} ${printable(message)}\n${hint === null ? "" : `${INDENT}${printable(hint)}\n`}`;
  const blocks = sections
    .filter(({ findings }) => findings.length > 0)
    .map(
      ({ category, findings }) =>
        `${category}\n${"-".repeat(category.length)}\n${findings.map(line).join("")}`,
    );
  const end = `${mark(isSuccess(sections) ? "ok" : "error")} ${summary(sections)}\n`;
  return [...blocks, end].join("\n");
}

/** One JSON object in one line. Its shape is kept from version to version. */
export function reportJson(sections: readonly Section[]): string {
  const checks = sections.flatMap(({ category, findings }) =>
    findings.map(({ name, result, message, hint }) => ({ category, name, result, message, hint })),
  );
  return `${JSON.stringify({ checks, success: isSuccess(sections) })}\n`;
}

function summary(sections: readonly Section[]): string {
  const amount = (result: Result, word: string) => {
    const found = count(sections, result);
    return `${found === 0 ? "no" : found} ${word}${found === 1 ? "" : "s"}`;
  };
  return `${amount("error", "error")}, ${amount("warning", "warning")}`;
}

function count(sections: readonly Section[], result: Result): number {
  return sections.flatMap(({ findings }) => findings).filter((each) => each.result === result).length;
}

/** What others chose must not command a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}
