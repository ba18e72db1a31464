import { describe, expect, test } from "bun:test";
import { parseOtelEnv } from "../../src/trace/otel-env.ts";

/** The value at a path such as `otlp.url`. */
function at(config: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Record<string, unknown>)[key], config);
}

const OTLP = "OTEL_EXPORTER_OTLP_";

describe("without variables", () => {
  const { config, problems, warnings } = parseOtelEnv({});

  test("the defaults are those of the specification", () => {
    expect([problems, warnings]).toEqual([[], []]);
    expect(config).toEqual({
      disabled: false,
      exporter: null,
      hasEndpoint: false,
      otlp: {
        url: "http://localhost:4318/v1/traces",
        headers: {},
        timeoutMs: 10_000,
        gzip: false,
        protocol: "http/protobuf",
        certificateFile: null,
      },
      resourceAttributes: [],
      sampler: null,
      flushIntervalMs: 5000,
      maxQueueSize: 2048,
      maxBatchSize: 512,
    });
  });

  test("the configuration is frozen all through", () => {
    const parts = [config, config.otlp, config.otlp.headers, config.resourceAttributes];
    expect(parts.every(Object.isFrozen)).toBe(true);
  });
});

describe("a variable sets", () => {
  test.each<[string, string, string, unknown]>([
    ["OTEL_SDK_DISABLED", "true", "disabled", true],
    ["OTEL_SDK_DISABLED", "False", "disabled", false],
    ["OTEL_SDK_DISABLED", "", "disabled", false],
    ["OTEL_TRACES_EXPORTER", "otlp", "exporter", "otlp"],
    ["OTEL_TRACES_EXPORTER", "jaeger", "exporter", "jaeger"],
    ["OTEL_TRACES_EXPORTER", "none", "exporter", "none"],
    [`${OTLP}ENDPOINT`, "http://c:4318", "otlp.url", "http://c:4318/v1/traces"],
    [`${OTLP}ENDPOINT`, "http://c:4318/", "otlp.url", "http://c:4318/v1/traces"],
    [`${OTLP}ENDPOINT`, "https://c/a/b", "otlp.url", "https://c/a/b/v1/traces"],
    [`${OTLP}ENDPOINT`, "https://c/a?key=1", "otlp.url", "https://c/a/v1/traces?key=1"],
    [`${OTLP}ENDPOINT`, "http://c", "hasEndpoint", true],
    [`${OTLP}TRACES_ENDPOINT`, "http://c:4318", "otlp.url", "http://c:4318"],
    [`${OTLP}TRACES_ENDPOINT`, "http://c/own", "otlp.url", "http://c/own"],
    [`${OTLP}TRACES_ENDPOINT`, "http://c", "hasEndpoint", true],
    [`${OTLP}HEADERS`, "a=1,B-c = x%20y%2Cz ,d=e=f", "otlp.headers", { a: "1", "b-c": "x y,z", d: "e=f" }],
    [`${OTLP}TIMEOUT`, "1500", "otlp.timeoutMs", 1500],
    [`${OTLP}TIMEOUT`, "0", "otlp.timeoutMs", 10_000],
    [`${OTLP}COMPRESSION`, "gzip", "otlp.gzip", true],
    [`${OTLP}COMPRESSION`, "none", "otlp.gzip", false],
    [`${OTLP}PROTOCOL`, "http/json", "otlp.protocol", "http/json"],
    [`${OTLP}CERTIFICATE`, "/etc/ca.pem", "otlp.certificateFile", "/etc/ca.pem"],
    ["OTEL_RESOURCE_ATTRIBUTES", "a=1, b%2Cc = x%20y", "resourceAttributes.1", { key: "b,c", value: "x y" }],
    ["OTEL_RESOURCE_ATTRIBUTES", "a=", "resourceAttributes.0", { key: "a", value: "" }],
    ["OTEL_TRACES_SAMPLER", "always_on", "sampler", { type: "const", param: 1 }],
    ["OTEL_TRACES_SAMPLER", "parentbased_always_on", "sampler", { type: "const", param: 1 }],
    ["OTEL_TRACES_SAMPLER", "always_off", "sampler", { type: "const", param: 0 }],
    ["OTEL_TRACES_SAMPLER", "parentbased_always_off", "sampler", { type: "const", param: 0 }],
    ["OTEL_TRACES_SAMPLER", "traceidratio", "sampler", { type: "probabilistic", param: 1 }],
    ["OTEL_TRACES_SAMPLER_ARG", "0.5", "sampler", null],
    ["OTEL_BSP_SCHEDULE_DELAY", "200", "flushIntervalMs", 200],
    ["OTEL_BSP_MAX_QUEUE_SIZE", "100", "maxQueueSize", 100],
    ["OTEL_BSP_MAX_QUEUE_SIZE", "100", "maxBatchSize", 100],
    ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "64", "maxBatchSize", 64],
  ])("%s=%s → %s = %j", (name, value, path, expected) => {
    const { config, problems, warnings } = parseOtelEnv({ [name]: value });
    expect([problems, warnings]).toEqual([[], []]);
    expect(at(config, path)).toEqual(expected);
  });

  test("the ratio of a sampler", () => {
    const env = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" };
    expect(parseOtelEnv(env).config.sampler).toEqual({ type: "probabilistic", param: 0.25 });
  });
});

test.each<[string, string, string, string, unknown]>([
  ["ENDPOINT", "http://t/x", "http://all", "otlp.url", "http://t/x"],
  ["HEADERS", "a=t", "a=all,b=all", "otlp.headers", { a: "t" }],
  ["TIMEOUT", "1", "2", "otlp.timeoutMs", 1],
  ["COMPRESSION", "none", "gzip", "otlp.gzip", false],
  ["PROTOCOL", "http/json", "http/protobuf", "otlp.protocol", "http/json"],
  ["CERTIFICATE", "t", "all", "otlp.certificateFile", "t"],
])(
  "of %s the variable for traces comes before the one for all signals",
  (suffix, own, all, path, expected) => {
    const { config } = parseOtelEnv({ [`${OTLP}TRACES_${suffix}`]: own, [`${OTLP}${suffix}`]: all });
    expect(at(config, path)).toEqual(expected);
  },
);

describe("a wrong value is a problem that names variable, value and what is right", () => {
  test.each([
    ["OTEL_SDK_DISABLED", "1", "one of true, false"],
    ["OTEL_TRACES_EXPORTER", "zipkin", "one of otlp, jaeger, none"],
    [`${OTLP}ENDPOINT`, "c:4318", "an absolute URL, such as http://collector:4318"],
    [`${OTLP}TRACES_ENDPOINT`, "unix:///x", "an absolute URL"],
    [`${OTLP}TIMEOUT`, "10s", "a whole number"],
    [`${OTLP}TRACES_TIMEOUT`, "-1", "a whole number"],
    [`${OTLP}COMPRESSION`, "zstd", "one of gzip, none"],
    [`${OTLP}PROTOCOL`, "grpc", "one of http/protobuf, http/json (gRPC is not supported"],
    [`${OTLP}TRACES_PROTOCOL`, "http/xml", "one of http/protobuf, http/json"],
    ["OTEL_TRACES_SAMPLER", "xray", "one of always_on"],
    ["OTEL_BSP_SCHEDULE_DELAY", "5s", "a whole number"],
    ["OTEL_BSP_MAX_QUEUE_SIZE", "0", "a whole number from 1"],
    ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "many", "a whole number from 1"],
  ])("%s=%s", (name, value, expected) => {
    const { problems } = parseOtelEnv({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(`${name}=${JSON.stringify(value)} is not ${expected}`);
  });

  test("a ratio above 1", () => {
    const env = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" };
    expect(parseOtelEnv(env).problems).toEqual(['OTEL_TRACES_SAMPLER_ARG="2" is not a number from 0 to 1']);
  });

  test.each(["Bearer topsecret", "=topsecret", "a b=topsecret", "a=topsecret%", "a=topsecret%00", "a="])(
    "%s as headers, of which no secret is shown",
    (value) => {
      const { problems } = parseOtelEnv({ [`${OTLP}HEADERS`]: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`${OTLP}HEADERS=`);
      expect(problems[0]).not.toContain("topsecret");
    },
  );
});

describe("a warning is said about", () => {
  test.each([
    [`${OTLP}ENDPOINT`, "http://c:4317", "port 4317"],
    [`${OTLP}TRACES_ENDPOINT`, "http://c:4317/v1/traces", "port 4317"],
    [`${OTLP}CLIENT_KEY`, "/key.pem", "is ignored"],
    [`${OTLP}TRACES_CLIENT_CERTIFICATE`, "/cert.pem", "is ignored"],
    ["OTEL_RESOURCE_ATTRIBUTES", "a=1,b", '"b" is not key=value'],
    ["OTEL_RESOURCE_ATTRIBUTES", "a=%zz", '"a=%zz" is not key=value'],
  ])("%s=%s", (name, value, warning) => {
    const { problems, warnings } = parseOtelEnv({ [name]: value });
    expect(problems).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(name);
    expect(warnings[0]).toContain(warning);
  });
});
