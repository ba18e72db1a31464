import { expect, test } from "bun:test";
import { parseRollup } from "../../../examples/demo/memory.ts";
import { plain } from "../../../examples/demo/paint.ts";
import { figuresText } from "../../../examples/demo/report.ts";
import { latencies, MEASURED_REQUESTS, urlsToMeasure } from "../../../examples/demo/requests.ts";

const ROLLUP = `00200000-7ffd1a1f2000 ---p 00000000 00:00 0                          [rollup]
Rss:               46080 kB
Pss:               31000 kB
Anonymous:          5120 kB
LazyFree:              0 kB
`;
const MEBIBYTE = 1024 * 1024;

test("reads resident and anonymous memory in bytes", () => {
  expect(parseRollup(ROLLUP)).toEqual({ rssBytes: 45 * MEBIBYTE, anonymousBytes: 5 * MEBIBYTE });
});

test("measures through the mesh and past it in turn", () => {
  const urls = urlsToMeasure("198.18.0.2");
  expect(urls).toHaveLength(2 * MEASURED_REQUESTS);
  expect(urls.slice(0, 3)).toEqual([
    "http://198.18.0.2:8080/order/plum",
    "http://198.18.0.2:8081/order/plum",
    "http://198.18.0.2:8080/order/plum",
  ]);
});

test("takes the median of each way, without the warm-up", () => {
  const answers = urlsToMeasure("x").map((url, i) => {
    const warmingUp = i < 100;
    return { status: 200, durationMs: warmingUp ? 99 : url.includes(":8080/") ? 3 : 1 };
  });
  expect(latencies(answers)).toEqual({ meshP50Ms: 3, directP50Ms: 1 });
});

test("prints the figures as a table", () => {
  const figures = {
    ...{ requests: 254, directRequests: 250, spans: 1778, traces: 254 },
    latencies: { meshP50Ms: 2.5, directP50Ms: 0.75 },
    sidecars: [{ service: "front", memory: parseRollup(ROLLUP) }],
  };
  expect(figuresText(figures, plain)).toBe(
    `
  requests  254 through the sidecars, 250 past them to compare
  spans     1778 in 254 traces
  latency   p50 2.50 ms with the mesh, 0.75 ms without: 1.75 ms added by 7 passes through a sidecar, 0.25 ms each
  memory    front: 45.0 MiB resident, of which 5.0 MiB its own (anonymous)
`.slice(1, -1),
  );
});
