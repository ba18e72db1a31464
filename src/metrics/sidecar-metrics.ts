/** What other parts of the sidecar count, as metrics. Nothing here is counted for the metrics' sake. */
import type { Direction } from "../proxy/handler.ts";
import { DIRECTIONS, slotOf } from "./directions.ts";
import type { Exposition } from "./exposition.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import { labelText } from "./labels.ts";
import type { TcpMetrics } from "./tcp-metrics.ts";

type Counts = Readonly<Record<string, number>>;

/** Where the figures come from; each is asked at every scrape. */
export interface Sources {
  /** Connections that were reset as soon as they were accepted, by reason. */
  refused(): Counts;
  /** Why connections are not read any more. */
  opaque(direction: Direction): Counts;
  /** How requests found the parent of their span; null without tracing, like the next two. */
  parents(direction: Direction): Counts | null;
  spans(): SpanOutcomes | null;
  contexts(): { readonly size: number; readonly evicted: number } | null;
  /** What became of requests that asked to be routed. */
  routing(): Counts;
  /** Log lines that nobody read in time, by log. */
  droppedLines(): Counts;
}

/** Spans since the start. */
export interface SpanOutcomes {
  readonly exporter: string;
  readonly exported: number;
  /** By reason. */
  readonly dropped: Counts;
}

export function writeSidecar(out: Exposition, sources: Sources, http: HttpMetrics, tcp: TcpMetrics): void {
  const { refused, opaque, parents, contexts, routing, droppedLines } = sources;
  out.family(
    "counter",
    "netramesh_tcp_connections_refused",
    "Connections reset as soon as they were accepted.",
  );
  writeCounts(out, "reason", refused());
  writeDetected(out, opaque, http, tcp);
  out.family(
    "counter",
    "netramesh_http_opaque",
    "Connections that were not read any further, by the reason.",
  );
  for (const direction of DIRECTIONS) writeCounts(out, "reason", opaque(direction), { direction });
  out.family("counter", "netramesh_trace_parent", "Requests by what told the parent of their span.");
  for (const direction of DIRECTIONS) writeCounts(out, "source", parents(direction) ?? {}, { direction });
  writeSpans(out, sources.spans());
  writeContexts(out, contexts());
  out.family("counter", "netramesh_routing", "Requests that asked to be routed, by what became of it.");
  writeCounts(out, "result", routing());
  writeBudget(out, http);
  out.family("counter", "netramesh_log_lines_dropped", "Log lines lost because nobody read them.");
  writeCounts(out, "log", droppedLines());
}

function writeCounts(
  out: Exposition,
  label: string,
  counts: Counts,
  others: Record<string, string> = {},
): void {
  for (const [value, count] of Object.entries(counts))
    out.value(labelText({ ...others, [label]: value }), count);
}

/** Where connections were read: what the first bytes were. Silent ones count nowhere. */
function writeDetected(out: Exposition, opaque: Sources["opaque"], http: HttpMetrics, tcp: TcpMetrics): void {
  out.family(
    "counter",
    "netramesh_protocol_detected",
    "Connections by what they carry; opaque: nobody looked.",
  );
  for (const direction of DIRECTIONS) {
    const { tls = 0, h2 = 0, "not-http": other = 0 } = opaque(direction);
    const slot = slotOf(direction);
    const counts = { http1: http.detected(slot), tls, h2, other, opaque: tcp.opaque(slot) };
    writeCounts(out, "protocol", counts, { direction });
  }
}

function writeSpans(out: Exposition, spans: SpanOutcomes | null): void {
  if (spans === null) return;
  const { exporter, exported, dropped } = spans;
  out.family("counter", "netramesh_spans_exported", "Spans handed on to where they are to go.");
  out.value(labelText({ exporter }), exported);
  out.family("counter", "netramesh_spans_dropped", "Spans lost, by the reason.");
  writeCounts(out, "reason", dropped, { exporter });
}

function writeContexts(out: Exposition, contexts: ReturnType<Sources["contexts"]>): void {
  if (contexts === null) return;
  out.family("gauge", "netramesh_context_entries", "Request ids whose span context is remembered.");
  out.value("", contexts.size);
  out.family("counter", "netramesh_context_evictions", "Request ids forgotten before their time.");
  out.value("", contexts.evicted);
}

function writeBudget(out: Exposition, { bounded }: HttpMetrics): void {
  out.family("gauge", "netramesh_metric_series", "Label sets of a family with a limited number of them.");
  for (const { name, size } of bounded) out.value(labelText({ family: name }), size);
  out.family(
    "counter",
    "netramesh_metric_series_dropped",
    "Requests counted as _other: their family was full.",
  );
  for (const { name, dropped } of bounded) out.value(labelText({ family: name }), dropped);
}
