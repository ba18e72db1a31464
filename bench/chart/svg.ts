/** The few shapes that charts are made of, as SVG text. Colours can be read on white and on black alike. */

export const WIDTH = 800;
/** The colour of text and axes, of what a chart is about, and of what it is compared with. */
export const INK = "#6e7781";
export const OURS = "#2f81f7";
export const OTHERS = "#afb8c1";

interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly bold?: boolean;
  readonly colour?: string;
}

/** A whole picture, `WIDTH` wide. */
export function picture(height: number, title: string, shapes: readonly string[]): string {
  const font = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="${font}" role="img">`,
    `<title>${escaped(title)}</title>`,
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

export function words(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { anchor = "start", size = 12, bold = false, colour = INK } = style;
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}" fill="${colour}"${weight}>${escaped(text)}</text>`;
}

export function bar(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2" fill="${colour}"/>`;
}

/** Ground that is a little darker, or lighter, than the rest. */
export function shade(x: number, y: number, width: number, height: number): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${INK}" fill-opacity="0.15"/>`;
}

/** A line through all these points. */
export function stroke(
  points: readonly (readonly [x: number, y: number])[],
  colour = INK,
  width = 1,
): string {
  const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"/>`;
}

/** A pixel's tenth is enough, and keeps the file small and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
