import type { Span } from "./jaeger-batch.ts";
import type { Paint, Style } from "./paint.ts";
import type { Trace, TraceNode } from "./trace.ts";

interface Line {
  /** The branches that lead to the span, such as `   └─ `. */
  readonly indent: string;
  readonly span: Span;
  readonly note: string;
}

const OPERATION_WIDTH = 24;

/**
 * A trace for people: one line for the trace, one for each span below its parent, in columns.
 *
 *     /order/apple  trace 53f0…  7 spans
 *     front server     /order/apple        200    2.9 ms
 *     └─ front client  cart/reserve/apple  200    2.1 ms  tied by traceparent
 */
export function traceText(trace: Trace, paint: Paint): string {
  const lines = trace.roots.flatMap((root) => treeLines(root, "", "", ""));
  const lost = trace.orphans.flatMap((orphan) => treeLines(orphan, "", "", "its parent never arrived"));
  const all = [...lines, ...lost];
  const width = Math.max(...all.map((line) => label(line).length)) + 2;
  return [title(trace, paint), ...all.map((line) => spanText(line, width, paint))].join("\n");
}

function title({ id, spans, roots }: Trace, paint: Paint): string {
  const operation = roots[0]?.span.operation ?? "no root";
  return `${paint("bold", operation)}  ${paint("dim", `trace ${id}, ${spans.length} spans`)}`;
}

/** `branch` leads to this span, `trunk` to those below it. */
function treeLines(node: TraceNode, branch: string, trunk: string, note: string): Line[] {
  const below = node.children.flatMap((child, i) =>
    i === node.children.length - 1
      ? treeLines(child, `${trunk}└─ `, `${trunk}   `, "")
      : treeLines(child, `${trunk}├─ `, `${trunk}│  `, ""),
  );
  return [{ indent: branch, span: node.span, note }, ...below];
}

function label({ indent, span }: Line): string {
  return `${indent}${span.service} ${span.tags.get("span.kind") ?? "span"}`;
}

function spanText(line: Line, width: number, paint: Paint): string {
  const { span, note } = line;
  const failed = span.tags.get("error") === true;
  const status = String(span.tags.get("http.status_code") ?? "-").padStart(3);
  const columns = [
    paint("cyan", label(line).padEnd(width)),
    span.operation.padEnd(OPERATION_WIDTH),
    paint(failed ? "red" : "green", status),
    milliseconds(span.durationUs / 1000).padStart(9),
  ];
  const notes: [Style, string][] = [
    ["dim", tieText(span)],
    ["red", failed ? "error" : ""],
    ["red", note],
  ];
  const said = notes.filter(([, text]) => text !== "").map(([style, text]) => paint(style, text));
  return `  ${[columns.join(" "), ...said].join("  ")}`;
}

/** What the application did for its trace shows in the requests that it makes. */
function tieText({ tags }: Span): string {
  return tags.get("span.kind") === "client" ? `tied by ${tags.get("netramesh.parent")}` : "";
}

function milliseconds(durationMs: number): string {
  return `${durationMs.toFixed(1)} ms`;
}
