/** Figures over time: panels one above the other, with the same minutes. */
import { INK, picture, shade, stroke, WIDTH, words } from "./svg.ts";

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** A stretch of time that is worth a note. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LineChart {
  readonly title: string;
  /** When each value was taken. */
  readonly atMs: readonly number[];
  readonly panels: readonly Panel[];
  readonly stretches: readonly Stretch[];
}

const LEFT = 56;
const RIGHT = 16;
const HEADER = 40;
const TITLE = 22;
const HEIGHT = 110;
const GAP = 22;
const FOOTER = 16;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const MS_PER_MINUTE = 60_000;
const MARKS = 5;

/** Every panel begins at zero; where a stretch is, the ground is shaded. */
export function lineChart({ title, atMs, panels, stretches }: LineChart): string {
  const endMs = Math.max(...atMs, 1);
  const x = (ms: number) => LEFT + (Math.min(ms, endMs) / endMs) * PLOT_WIDTH;
  const shapes = panels.flatMap((panel, i) => {
    const y = HEADER + i * (TITLE + HEIGHT + GAP);
    const ground = stretches.map(({ fromMs, toMs }) =>
      shade(x(fromMs), y + TITLE, x(toMs) - x(fromMs), HEIGHT),
    );
    return [...ground, ...drawPanel(panel, y, atMs.map(x))];
  });
  const bottom = HEADER + panels.length * (TITLE + HEIGHT + GAP) - GAP;
  const all = [
    words(LEFT, 24, title, { size: 13, bold: true }),
    ...shapes,
    ...minutes(endMs, bottom + FOOTER),
  ];
  return picture(bottom + FOOTER + 12, title, all);
}

function drawPanel({ title, lines }: Panel, y: number, xs: readonly number[]): string[] {
  const top = y + TITLE;
  const full = roundUp(Math.max(...lines.flatMap(({ values }) => values), Number.MIN_VALUE));
  const height = (value: number) => top + HEIGHT - (value / full) * HEIGHT;
  return [
    words(LEFT, y + 14, title, { bold: true }),
    ...legend(lines, y + 14),
    ...[0, full / 2, full].flatMap((mark) => grid(height(mark), `${mark}`)),
    ...lines.map(({ values, colour }) =>
      stroke(
        values.map((value, i) => [xs[i]!, height(value)]),
        colour,
        1.5,
      ),
    ),
  ];
}

function legend(lines: readonly Line[], y: number): string[] {
  if (lines.length < 2) return [];
  return lines.map(({ name, colour }, i) =>
    words(WIDTH - RIGHT - (lines.length - 1 - i) * 160, y, name, { anchor: "end", colour }),
  );
}

function grid(y: number, label: string): string[] {
  const line: [number, number][] = [
    [LEFT, y],
    [WIDTH - RIGHT, y],
  ];
  return [stroke(line, INK, 0.3), words(LEFT - 6, y + 4, label, { anchor: "end" })];
}

function minutes(endMs: number, y: number): string[] {
  return Array.from({ length: MARKS + 1 }, (_, i) => {
    const label = `${((endMs * i) / MARKS / MS_PER_MINUTE).toFixed(1)} min`;
    return words(LEFT + (PLOT_WIDTH * i) / MARKS, y, label, {
      anchor: i === 0 ? "start" : i === MARKS ? "end" : "middle",
    });
  });
}

/** The next number that begins with 1, 2 or 5 and has nothing but zeros after. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 2, 5, 10].find((step) => step * unit >= value) ?? 10);
}
