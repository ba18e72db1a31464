import type { Outcome, Row } from "./rounds.ts";
import { ratios, type Summary, summarize } from "./statistics.ts";

/** A figure of one target over all rounds, and how it compares with the target's reference. */
export interface Cell {
  readonly value: Summary;
  /** Of the ratios round by round; null without a reference. */
  readonly ratio: Summary | null;
}

/** By target, then by figure. */
export type Cells = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

export function cellsOf({ rows }: Outcome): Cells {
  return Object.fromEntries(
    rows.map((row) => {
      const reference = rows.find(({ target }) => target === row.reference);
      const figures = Object.keys(row.rounds[0] ?? {});
      return [
        row.target,
        Object.fromEntries(figures.map((figure) => [figure, cell(row, reference, figure)])),
      ];
    }),
  );
}

function cell(row: Row, reference: Row | undefined, figure: string): Cell {
  const values = column(row, figure);
  const isComparable = reference !== undefined && figure in reference.rounds[0]!;
  const ratio = isComparable ? summarize(ratios(values, column(reference, figure))) : null;
  return { value: summarize(values), ratio };
}

function column({ rounds }: Row, figure: string): number[] {
  return rounds.map((figures) => figures[figure]!);
}

/** The outcome as text: a line per target, `median ×ratio (lower–upper)` in every column. */
export function formatTable(outcome: Outcome): string {
  const cells = cellsOf(outcome);
  const targets = Object.keys(cells);
  const figures = [...new Set(targets.flatMap((target) => Object.keys(cells[target]!)))];
  const lines = [
    ["", ...figures],
    ...targets.map((target) => [target, ...figures.map((figure) => formatCell(cells[target]![figure]))]),
  ];
  return `${outcome.title}\n${alignColumns(lines)}\n`;
}

/** Rows of equally many words as text with straight columns. */
export function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const text = lines.map((line) => line.map((word, i) => word.padEnd(widths[i]!)).join("  "));
  return text.map((line) => line.trimEnd()).join("\n");
}

function formatCell(cell: Cell | undefined): string {
  if (cell === undefined) return "-";
  const { value, ratio } = cell;
  const plain = formatNumber(value.median);
  if (ratio === null) return plain;
  return `${plain} ×${ratio.median.toFixed(2)} (${ratio.lower.toFixed(2)}–${ratio.upper.toFixed(2)})`;
}

/** With as many digits as say something. */
export function formatNumber(value: number): string {
  return value.toFixed(value >= 1000 ? 0 : value >= 10 ? 1 : 2);
}
