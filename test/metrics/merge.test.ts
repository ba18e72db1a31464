import { describe, expect, test } from "bun:test";
import { REQUEST_BUCKETS } from "../../src/metrics/buckets.ts";
import { Exposition, type Format } from "../../src/metrics/exposition.ts";
import { Histogram } from "../../src/metrics/histogram.ts";
import { addSamples, keepCounters, readSamples, type Samples } from "../../src/metrics/merge.ts";

interface Loop {
  readonly requests: Readonly<Record<string, number>>;
  readonly open: number;
  /** Durations by path. */
  readonly tookUs?: Readonly<Record<string, number>>;
}

/** What an event loop writes. */
function written({ requests, open, tookUs = {} }: Loop, format: Format = "prometheus"): string {
  const out = new Exposition(format);
  out.family("info", "target", "Whose.");
  out.value('service_name="a # b} 7"', 1);
  out.family("counter", "requests", "Requests.");
  for (const [path, count] of Object.entries(requests)) out.value(`path="${path}"`, count);
  out.family("gauge", "open", "Open.");
  out.value("", open);
  out.family("histogram", "seconds", "Durations.");
  for (const [path, us] of Object.entries(tookUs)) {
    const histogram = new Histogram(REQUEST_BUCKETS, 1);
    histogram.observe(0, us);
    out.histogram(`path="${path}"`, histogram, 0);
  }
  return Buffer.from(out.end()).toString();
}

const samples = (loop: Loop): Samples => readSamples(written(loop));

/** The values in `text`, by the beginning of their lines. */
function valuesOf(text: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ""), Number(/\S+$/.exec(line)![0])]));
}

describe.each(["prometheus", "openmetrics"] as const)("in the format of %s", (format) => {
  test("what several event loops say of a series is added up, what only others have comes behind", () => {
    const own = written({ requests: { "/a b": 1, "/c": 2 }, open: 3 }, format);
    const sum = addSamples(own, [
      samples({ requests: { "/a b": 10, "/d": 20 }, open: 30 }),
      samples({ requests: { "/d": 200 }, open: 300 }),
    ]);
    expect(valuesOf(sum)).toEqual({
      'target_info{service_name="a # b} 7"}': 1,
      'requests_total{path="/a b"}': 11,
      'requests_total{path="/c"}': 2,
      'requests_total{path="/d"}': 220,
      open: 333,
    });
  });

  test("the lines of a family, and the buckets of a series, stay together", () => {
    const loop = (tookUs: Record<string, number>) => ({ requests: {}, open: 0, tookUs });
    const both = written(loop({ "/a": 1000, "/b": 2000 }), format);
    const sum = addSamples(written(loop({ "/a": 1000 }), format), [samples(loop({ "/b": 2000 }))]);
    expect(sum).toBe(both);
  });

  test("reading it gives its figures", () => {
    const read = readSamples(written({ requests: { "/a b": 1 }, open: 3 }, format));
    expect([...read]).toEqual([
      ["requests", { type: "counter", values: new Map([['requests_total{path="/a b"}', 1]]) }],
      ["open", { type: "gauge", values: new Map([["open", 3]]) }],
      ["seconds", { type: "histogram", values: new Map() }],
    ]);
  });

  test("alone it is what it was", () => {
    const text = written({ requests: { "/a": 1 }, open: 2, tookUs: { "/a": 3 } }, format);
    expect(addSamples(text, [])).toBe(text);
    expect(addSamples(text, [new Map()])).toBe(text);
  });
});

test("an exemplar stays with its bucket", () => {
  const text = '# TYPE s histogram\ns_bucket{le="1"} 1 # {trace_id="ab"} 0.5 12.25\n# EOF\n';
  const other = readSamples('# TYPE s histogram\ns_bucket{le="1"} 2\n');
  expect(addSamples(text, [other])).toContain('s_bucket{le="1"} 3 # {trace_id="ab"} 0.5 12.25\n');
  expect(readSamples(text).get("s")!.values).toEqual(new Map([['s_bucket{le="1"}', 1]]));
});

describe("of an event loop that is gone", () => {
  test("the counters stay, again and again, its gauges go", () => {
    let kept: Samples = new Map();
    kept = keepCounters(kept, samples({ requests: { "/a": 1 }, open: 5, tookUs: { "/a": 1000 } }));
    kept = keepCounters(kept, samples({ requests: { "/a": 2, "/b": 4 }, open: 5 }));
    const sum = valuesOf(addSamples(written({ requests: { "/a": 10 }, open: 1 }), [kept]));
    expect(sum).toMatchObject({
      'requests_total{path="/a"}': 13,
      'requests_total{path="/b"}': 4,
      'seconds_count{path="/a"}': 1,
      open: 1,
    });
  });

  test("no more is kept than 20,000 series, and known ones go on counting", () => {
    const many = (from: number) =>
      samples({
        requests: Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [from + i, 1])),
        open: 0,
      });
    const kept = [many(0), many(10_000), many(20_000), many(0)].reduce(keepCounters, new Map());
    expect(kept.get("requests")!.values.size).toBeLessThanOrEqual(20_000);
    expect(kept.get("requests")!.values.get('requests_total{path="1"}')).toBe(2);
  });
});
