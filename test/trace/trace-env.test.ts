import { describe, expect, test } from "bun:test";
import { parseTraceEnv, type TraceConfig } from "../../src/trace/trace-env.ts";

type Env = Record<string, string>;

/** Samples everything, so that no warning speaks of sampling. */
const QUIET: Env = { JAEGER_SAMPLER_TYPE: "const", JAEGER_SAMPLER_PARAM: "1" };

function parse(env: Env) {
  return parseTraceEnv({ ...QUIET, ...env });
}

test("by default spans go to the agent, contexts travel as Jaeger's and W3C's, ids have 128 bits", () => {
  const { config, problems, warnings } = parse({});
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  expect(config).toMatchObject({
    disabled: false,
    exporter: "jaeger-udp",
    propagators: ["jaeger", "tracecontext"],
    infer: false,
    packetBytes: 65_000,
    semconv: "jaeger",
  });
  expect(config.jaeger.traceId128).toBe(true);
});

describe("a value is understood", () => {
  const rows: [label: string, env: Env, expected: Partial<TraceConfig>][] = [
    ["a collector by Thrift", { JAEGER_ENDPOINT: "http://c/api/traces" }, { exporter: "jaeger-http" }],
    ["a collector by OTLP", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, { exporter: "otlp" }],
    ["no export", { OTEL_TRACES_EXPORTER: "none" }, { exporter: "none" }],
    ["off by Jaeger's switch", { JAEGER_DISABLED: "true" }, { disabled: true }],
    ["off by OpenTelemetry's switch", { OTEL_SDK_DISABLED: "true" }, { disabled: true }],
    ["our propagators", { NETRA_PROPAGATORS: "b3,jaeger" }, { propagators: ["b3", "jaeger"] }],
    [
      "OpenTelemetry's propagators",
      { OTEL_PROPAGATORS: "tracecontext,baggage" },
      { propagators: ["tracecontext"] },
    ],
    ["ours before theirs", { NETRA_PROPAGATORS: "b3", OTEL_PROPAGATORS: "jaeger" }, { propagators: ["b3"] }],
    ["formats only others know", { OTEL_PROPAGATORS: "xray" }, { propagators: ["jaeger", "tracecontext"] }],
    ["smaller datagrams", { NETRA_AGENT_PACKET_BYTES: "1400" }, { packetBytes: 1400 }],
    ["inference", { NETRA_TRACE_INFER: "true" }, { infer: true }],
    ["names of tags", { NETRA_SEMCONV: "both" }, { semconv: "both" }],
  ];
  test.each(rows)("%s", (_, env, expected) => {
    const { config, problems } = parse(env);
    expect(problems).toEqual([]);
    expect(config).toMatchObject(expected);
  });
});

test("without tracecontext new trace ids have 64 bits, unless JAEGER_TRACEID_128BIT says otherwise", () => {
  expect(parse({ NETRA_PROPAGATORS: "jaeger" }).config.jaeger.traceId128).toBe(false);
  expect(parse({ NETRA_PROPAGATORS: "jaeger", JAEGER_TRACEID_128BIT: "1" }).config.jaeger.traceId128).toBe(
    true,
  );
  expect(parse({ JAEGER_TRACEID_128BIT: "0" }).config.jaeger.traceId128).toBe(false);
});

test("OpenTelemetry's sampler counts where Jaeger's is not set", () => {
  const otel = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" };
  expect(parseTraceEnv(otel)).toMatchObject({
    config: { jaeger: { sampler: { type: "probabilistic", param: 0.5 } } },
    warnings: [],
  });
  expect(parse(otel).config.jaeger.sampler).toEqual({ type: "const", param: 1 });
});

describe("a wrong value", () => {
  const rows: [env: Env, problem: RegExp][] = [
    [{ NETRA_PROPAGATORS: "zipkin" }, /^NETRA_PROPAGATORS="zipkin" is not a comma-separated list of jaeger/],
    [{ NETRA_TRACE_INFER: "yes" }, /^NETRA_TRACE_INFER="yes" is not one of true, false$/],
    [
      { NETRA_AGENT_PACKET_BYTES: "70000" },
      /^NETRA_AGENT_PACKET_BYTES="70000" is not a whole number from 1024 to 65000$/,
    ],
    [{ NETRA_SEMCONV: "old" }, /^NETRA_SEMCONV="old" is not one of jaeger, otel, both$/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      /^OTEL_EXPORTER_OTLP_PROTOCOL="grpc" is not one of http\/protobuf, http\/json/,
    ],
  ];
  test.each(rows)("%p stops the start", (env, problem) => {
    expect(parse(env).problems).toEqual([expect.stringMatching(problem)]);
  });

  test("of OTEL_* is only a warning while spans do not go by OTLP", () => {
    const { problems, warnings } = parse({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/grpc.*; ignored, as wrong values are where spans do not go by OTLP$/),
    ]);
  });
});

test("an exporter that was asked for and is left out is named", () => {
  const env = { JAEGER_ENDPOINT: "http://c/", OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" };
  expect(parse(env).warnings).toEqual(["spans go to JAEGER_ENDPOINT, the OTLP endpoint is ignored"]);
});
