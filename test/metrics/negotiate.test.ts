import { expect, test } from "bun:test";
import { chooseFormat } from "../../src/metrics/negotiate.ts";

const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

const ROWS: [label: string, accept: string, format: "prometheus" | "openmetrics"][] = [
  ["Prometheus 2 prefers OpenMetrics", PROMETHEUS_2, "openmetrics"],
  ["Prometheus 3 prefers OpenMetrics", PROMETHEUS_3, "openmetrics"],
  ["who says nothing gets plain text", "", "prometheus"],
  ["who takes anything gets plain text", "*/*", "prometheus"],
  ["a browser gets plain text", "text/html,application/xhtml+xml,*/*;q=0.8", "prometheus"],
  ["who prefers plain text gets it", "application/openmetrics-text;q=0.2,text/plain", "prometheus"],
  ["a weight of nothing is a refusal", "application/openmetrics-text;q=0", "prometheus"],
  ["a weight that is none is a refusal", "application/openmetrics-text;q=x", "prometheus"],
  ["letters have no case", "Application/OpenMetrics-Text; Q=1", "openmetrics"],
];
test.each(ROWS)("%s", (_, accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
