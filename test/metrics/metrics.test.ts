import { expect, test } from "bun:test";
import { newParentCounters } from "../../src/mesh/policy/parent.ts";
import { Metrics, type ScrapeSources } from "../../src/metrics/metrics.ts";

const SOURCES: ScrapeSources = {
  connections: () => [],
  refused: () => ({ direct: 2, loop: 1 }),
  opaque: (direction) => (direction === "inbound" ? { tls: 3, "bad-head": 4 } : {}),
  parents: (direction) => ({ ...newParentCounters()[direction], b3: 5 }),
  spans: () => ({ exporter: "otlp", exported: 6, dropped: { queue_full: 7 } }),
  contexts: () => ({ size: 8, evicted: 9 }),
  routing: () => ({ matched: 10 }),
  droppedLines: () => ({ access: 11 }),
  process: { readText: () => null, openFiles: () => 1, maxFiles: 2, cpuUs: () => 3, startedAtMs: 4 },
  workers: () => null,
};

function start(sources: ScrapeSources) {
  return new Metrics({
    nowUs: () => 1,
    maxSeries: 10,
    idleMs: 1000,
    withRoutes: true,
    target: { service_name: 'a"b' },
    build: { version: "1" },
  }).start(sources);
}

test("what others count is told under names of its own", () => {
  const text = Buffer.from(start(SOURCES)("").body).toString();
  for (const line of [
    'target_info{service_name="a\\"b"} 1',
    'netramesh_build_info{version="1"} 1',
    'netramesh_tcp_connections_refused_total{reason="direct"} 2',
    'netramesh_tcp_connections_refused_total{reason="loop"} 1',
    'netramesh_protocol_detected_total{direction="inbound",protocol="tls"} 3',
    'netramesh_protocol_detected_total{direction="outbound",protocol="tls"} 0',
    'netramesh_http_opaque_total{direction="inbound",reason="bad-head"} 4',
    'netramesh_trace_parent_total{direction="outbound",source="b3"} 5',
    'netramesh_spans_exported_total{exporter="otlp"} 6',
    'netramesh_spans_dropped_total{exporter="otlp",reason="queue_full"} 7',
    "netramesh_context_entries 8",
    "netramesh_context_evictions_total 9",
    'netramesh_routing_total{result="matched"} 10',
    'netramesh_log_lines_dropped_total{log="access"} 11',
    'netramesh_metric_series{family="http_server_request_duration_seconds"} 0',
    'netramesh_metric_series_dropped_total{family="http_client_request_duration_seconds"} 0',
  ]) {
    expect(text).toContain(`\n${line}\n`);
  }
});

test("without tracing nothing is said of it", () => {
  const nothing = { ...SOURCES, spans: () => null, contexts: () => null, parents: () => null };
  const text = Buffer.from(start(nothing)("").body).toString();
  expect(text).not.toMatch(/netramesh_(spans|context)|^netramesh_trace_parent_total/m);
});

test("the answer says which format it has", () => {
  const scrape = start(SOURCES);
  expect(scrape("text/plain").contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  const { contentType, body } = scrape("application/openmetrics-text");
  expect(contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(Buffer.from(body).toString()).toEndWith("\n# EOF\n");
});

test("no family is told twice, and none has more than one line of help", () => {
  const lines = Buffer.from(start(SOURCES)("").body).toString().split("\n");
  const families = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
  expect(new Set(families).size).toBe(families.length);
  expect(lines.filter((line) => line.startsWith("# HELP")).length).toBe(families.length);
});
