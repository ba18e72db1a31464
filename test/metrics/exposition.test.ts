import { describe, expect, test } from "bun:test";
import { Buckets } from "../../src/metrics/buckets.ts";
import { Exemplars } from "../../src/metrics/exemplars.ts";
import { Exposition, type Format } from "../../src/metrics/exposition.ts";
import { Histogram } from "../../src/metrics/histogram.ts";
import { labelText } from "../../src/metrics/labels.ts";
import { SpanContext } from "../../src/trace/context.ts";

function written(format: Format, write: (out: Exposition) => void): string {
  const out = new Exposition(format);
  write(out);
  return Buffer.from(out.end()).toString();
}

/** Observations of 1 ms, 1 ms, 20 ms and 3 s; the third is an exemplar. */
function writeHistogram(out: Exposition, labels: string): void {
  const histogram = new Histogram(new Buckets([0.000025, 0.001, 1]), 1);
  const exemplars = new Exemplars();
  const context = new SpanContext();
  context.traceLowLo = 0xabc;
  for (const us of [1000, 1000, 20_000, 3_000_000]) {
    const cell = histogram.observe(0, us);
    if (us === 20_000) exemplars.set(cell, 4, context, us, 1_700_000_000_123_456);
  }
  out.family("histogram", "h_seconds", "A duration.");
  out.histogram(labels, histogram, 0, exemplars);
}

test("a counter has its suffix, and in OpenMetrics its family has none", () => {
  const write = (out: Exposition) => {
    out.family("counter", "jobs", "Jobs done.");
    out.value("", 7);
    out.value('kind="a"', 0.5);
  };
  const values = 'jobs_total 7\njobs_total{kind="a"} 0.5\n';
  expect(written("prometheus", write)).toBe(
    `# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\n${values}`,
  );
  expect(written("openmetrics", write)).toBe(`# HELP jobs Jobs done.\n# TYPE jobs counter\n${values}# EOF\n`);
});

test("information is a gauge where the format knows no better", () => {
  const write = (out: Exposition) => {
    out.family("info", "target", "Whose.");
    out.value('service_name="a"', 1);
  };
  const value = 'target_info{service_name="a"} 1\n';
  expect(written("prometheus", write)).toBe(`# HELP target_info Whose.\n# TYPE target_info gauge\n${value}`);
  expect(written("openmetrics", write)).toBe(`# HELP target Whose.\n# TYPE target info\n${value}# EOF\n`);
});

test("a histogram's buckets count all that is not longer", () => {
  expect(written("prometheus", (out) => writeHistogram(out, 'a="b"'))).toBe(
    "# HELP h_seconds A duration.\n# TYPE h_seconds histogram\n" +
      'h_seconds_bucket{a="b",le="0.000025"} 0\n' +
      'h_seconds_bucket{a="b",le="0.001"} 2\n' +
      'h_seconds_bucket{a="b",le="1.0"} 3\n' +
      'h_seconds_bucket{a="b",le="+Inf"} 4\n' +
      'h_seconds_sum{a="b"} 3.022\nh_seconds_count{a="b"} 4\n',
  );
});

test("OpenMetrics shows the trace of an observation in its bucket", () => {
  expect(written("openmetrics", (out) => writeHistogram(out, ""))).toContain(
    'h_seconds_bucket{le="1.0"} 3 # {trace_id="00000000000000000000000000000abc"} 0.02 1700000000.123\n' +
      'h_seconds_bucket{le="+Inf"} 4\nh_seconds_sum 3.022\nh_seconds_count 4\n# EOF\n',
  );
});

describe("numbers are written as programs read them:", () => {
  const rows: [number, string][] = [
    [0, "0"],
    [9, "9"],
    [10, "10"],
    [987_654_321, "987654321"],
    [999_999_999, "999999999"],
    [1_000_000_000, "1000000000"],
    [2 ** 53, "9007199254740992"],
    [-3, "-3"],
    [1.5, "1.5"],
    [1e-7, "1e-7"],
  ];
  test.each(rows)("%p", (value, text) => {
    expect(written("prometheus", (out) => out.value("", value))).toBe(` ${text}\n`);
  });
});

test("a text of any length is written", () => {
  const labels = labelText({ a: "é".repeat(50_000) });
  const text = written("prometheus", (out) => {
    for (let i = 0; i < 10; i++) out.value(labels, i);
  });
  expect(text).toBe(Array.from({ length: 10 }, (_, i) => `{${labels}} ${i}\n`).join(""));
});

describe("labels", () => {
  test("are escaped", () => {
    expect(labelText({ a: 'back\\slash "quoted"\nline' })).toBe('a="back\\\\slash \\"quoted\\"\\nline"');
  });

  test("without value are left out", () => {
    expect(labelText({ a: "", b: "1", c: "" })).toBe('b="1"');
  });
});
