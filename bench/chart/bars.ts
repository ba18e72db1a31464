/** A result of the benchmark as bars: a small chart for each question, less is better everywhere. */
import type { Result } from "../result.ts";
import type { Kind } from "../stage/target.ts";
import { type Cell, formatNumber } from "../table.ts";
import { bar, INK, OTHERS, OURS, picture, stroke, WIDTH, words } from "./svg.ts";

export interface Question {
  readonly title: string;
  readonly experiment: string;
  readonly figure: string;
  readonly kinds: readonly Kind[];
}

interface Bar {
  readonly label: string;
  readonly cell: Cell;
}

/** In the order in which they are drawn. */
export const QUESTIONS: readonly Question[] = [
  {
    title: "CPU per HTTP request, µs",
    experiment: "requests-real",
    figure: "CPU µs/request",
    kinds: ["http"],
  },
  {
    title: "CPU per opaque request, µs",
    experiment: "requests-real",
    figure: "CPU µs/request",
    kinds: ["tcp"],
  },
  {
    title: "CPU per connection, HTTP, µs",
    experiment: "connections",
    figure: "CPU µs/request",
    kinds: ["http"],
  },
  { title: "CPU per MB, opaque, µs", experiment: "download", figure: "CPU µs/MB", kinds: ["tcp"] },
  { title: "p99, 16 connections, µs", experiment: "latency-16", figure: "p99 µs", kinds: ["direct", "http"] },
  {
    title: "p99 beside busy neighbours, µs",
    experiment: "latency-16-busy",
    figure: "p99 µs",
    kinds: ["direct", "http"],
  },
  {
    title: "memory of 1000 busy connections, MB",
    experiment: "memory",
    figure: "1000 anon MB",
    kinds: ["http"],
  },
  {
    title: "memory per stalled download, kB",
    experiment: "stalled",
    figure: "anon kB each",
    kinds: ["http"],
  },
  { title: "start until it listens, ms", experiment: "start", figure: "start ms", kinds: ["http"] },
];

const COLUMNS = 2;
const MARGIN = 16;
const HEADER = 40;
const ROW = 20;
const TITLE = 26;
const GAP = 18;
const LABEL_WIDTH = 172;
const VALUE_WIDTH = 52;
const PANEL_WIDTH = (WIDTH - MARGIN * (COLUMNS + 1)) / COLUMNS;
const BAR_WIDTH = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;

/** The picture of everything in `result` that a chart asks for. Thin lines span the middle half of the rounds. */
export function barChart(result: Result): string {
  const shapes: string[] = [words(MARGIN, 24, headline(result), { size: 13, bold: true })];
  let y = HEADER;
  for (const row of inRows(
    QUESTIONS.map((question) => [question.title, barsOf(question, result)] as const),
  )) {
    for (const [i, [title, bars]] of row.entries()) {
      shapes.push(...panel(MARGIN + i * (PANEL_WIDTH + MARGIN), y, title, bars));
    }
    y += TITLE + Math.max(...row.map(([, bars]) => bars.length)) * ROW + GAP;
  }
  return picture(y, headline(result), shapes);
}

function headline({ startedAt, machine, effort }: Result): string {
  const { cores, processor, kernel } = machine;
  return `${startedAt.slice(0, 10)}, ${cores} × ${processor}, kernel ${kernel}, ${effort.rounds} rounds; less is better`;
}

function barsOf({ experiment, figure, kinds }: Question, { experiments }: Result): Bar[] {
  const found = experiments.find(({ name }) => name === experiment);
  const rows = found?.rows.filter(({ kind }) => kinds.includes(kind)) ?? [];
  return rows.flatMap(({ target }) => {
    const cell = found!.summary[target]?.[figure];
    return cell === undefined ? [] : [{ label: target, cell }];
  });
}

/** Panels without a bar are left out. */
function inRows<T>(
  panels: readonly (readonly [string, readonly T[]])[],
): (readonly [string, readonly T[]])[][] {
  const full = panels.filter(([, bars]) => bars.length > 0);
  return Array.from({ length: Math.ceil(full.length / COLUMNS) }, (_, row) =>
    full.slice(row * COLUMNS, (row + 1) * COLUMNS),
  );
}

function panel(x: number, y: number, title: string, bars: readonly Bar[]): string[] {
  const full = Math.max(...bars.map(({ cell }) => cell.value.upper), Number.MIN_VALUE);
  const rows = bars.flatMap((each, i) =>
    drawBar(x + LABEL_WIDTH, y + TITLE + i * ROW, each, BAR_WIDTH / full),
  );
  return [words(x, y + 14, title, { size: 13, bold: true }), ...rows];
}

function drawBar(x: number, y: number, { label, cell }: Bar, scale: number): string[] {
  const { median, lower, upper } = cell.value;
  const middle = y + ROW / 2;
  const colour = label.startsWith("netramesh") ? OURS : OTHERS;
  const spread: [number, number][] = [
    [x + lower * scale, middle],
    [x + upper * scale, middle],
  ];
  return [
    words(x - 8, middle + 4, label, { anchor: "end" }),
    bar(x, y + 3, Math.max(1, median * scale), ROW - 6, colour),
    stroke(spread, INK),
    words(x + Math.max(median, upper) * scale + 6, middle + 4, formatNumber(median)),
  ];
}
