import { describe, expect, test } from "bun:test";
import { chooseExporter, explainExporter } from "../../src/trace/exporter.ts";
import { parseJaegerEnv } from "../../src/trace/jaeger-env.ts";
import { parseOtelEnv } from "../../src/trace/otel-env.ts";

const JAEGER = { JAEGER_ENDPOINT: "http://jaeger:14268/api/traces" };
const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318" };
const ASKED = { OTEL_TRACES_EXPORTER: "otlp" };
const NONE = { OTEL_TRACES_EXPORTER: "none" };
const AGENT = { OTEL_TRACES_EXPORTER: "jaeger" };

describe("spans leave by", () => {
  test.each([
    ["jaeger-udp", {}, null],
    ["jaeger-udp", { JAEGER_AGENT_HOST: "agent" }, null],
    ["jaeger-udp", AGENT, null],
    ["jaeger-udp", { ...AGENT, ...OTLP }, null],
    ["jaeger-http", JAEGER, null],
    ["jaeger-http", { ...JAEGER, ...AGENT }, null],
    ["jaeger-http", { ...JAEGER, ...OTLP }, "the OTLP endpoint is ignored"],
    ["jaeger-http", { ...JAEGER, ...ASKED }, "OTEL_TRACES_EXPORTER=otlp is ignored"],
    ["jaeger-http", { ...JAEGER, ...NONE }, "OTEL_TRACES_EXPORTER=none is ignored"],
    ["otlp", OTLP, null],
    ["otlp", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://otel:4318/v1/traces" }, null],
    ["otlp", ASKED, null],
    ["otlp", { ...ASKED, ...OTLP }, null],
    ["none", NONE, null],
    ["none", { ...NONE, ...OTLP }, null],
  ])("%s with %j", (exporter, env, ignored) => {
    const { collector } = parseJaegerEnv(env).config;
    const otel = parseOtelEnv(env).config;
    expect<string>(chooseExporter(collector, otel)).toBe(exporter);
    const said = explainExporter(collector, otel);
    if (ignored === null) expect(said).toBeNull();
    else expect(said).toContain(ignored);
  });
});
