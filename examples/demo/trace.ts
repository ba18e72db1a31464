import type { Span } from "./jaeger-batch.ts";

export interface TraceNode {
  readonly span: Span;
  readonly children: TraceNode[];
}

/** All spans of one trace id. A whole trace has one root and no orphans. */
export interface Trace {
  readonly id: string;
  readonly spans: readonly Span[];
  /** The spans that say they are the first. */
  readonly roots: readonly TraceNode[];
  /** The spans whose parent never arrived. */
  readonly orphans: readonly TraceNode[];
}

/** Spans in any order → traces, oldest first, the children of each span oldest first. */
export function assembleTraces(spans: readonly Span[]): Trace[] {
  const oldestFirst = spans.toSorted((a, b) => a.startUs - b.startUs);
  const byTrace = Map.groupBy(oldestFirst, (span) => span.traceId);
  return [...byTrace].map(([id, ofTrace]) => assembleTrace(id, ofTrace));
}

function assembleTrace(id: string, spans: readonly Span[]): Trace {
  const nodes = spans.map((span): TraceNode => ({ span, children: [] }));
  const bySpanId = new Map(nodes.map((node) => [node.span.spanId, node]));
  const roots: TraceNode[] = [];
  const orphans: TraceNode[] = [];
  for (const node of nodes) {
    const { parentId } = node.span;
    const siblings = parentId === null ? roots : (bySpanId.get(parentId)?.children ?? orphans);
    siblings.push(node);
  }
  return { id, spans, roots, orphans };
}
