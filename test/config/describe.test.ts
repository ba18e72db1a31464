import { expect, test } from "bun:test";
import { describeConfig } from "../../src/config/describe.ts";
import { variablesOf } from "../../src/config/variables.ts";

test("every variable of the sidecar has its value, by default what the table says", () => {
  const described = describeConfig({});
  expect(Object.keys(described)).toEqual(variablesOf("sidecar"));
  expect(described).toMatchObject({ NETRA_PORT: "14956", NETRA_HTTP_PORTS: "none", JAEGER_PASSWORD: "none" });
});

test("a value that is set is shown as it is, an empty one counts as unset", () => {
  const described = describeConfig({ NETRA_HTTP_PORTS: "80, 81", NETRA_PORT: "", HOME: "/root" });
  expect(described).toMatchObject({ NETRA_HTTP_PORTS: "80, 81", NETRA_PORT: "14956" });
  expect(described).not.toHaveProperty("HOME");
});

test.each([
  ["JAEGER_PASSWORD", "s3cret", "***"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret", "***"],
  ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=s3cret", "***"],
  ["JAEGER_ENDPOINT", "https://me:s3cret@jaeger/api/traces", "https://***@jaeger/api/traces"],
  ["JAEGER_ENDPOINT", "https://me:s3@cret@jaeger/api/traces", "https://***@jaeger/api/traces"],
  ["JAEGER_ENDPOINT", "https://jaeger/api/traces?token=s3cret", "https://jaeger/api/traces?***"],
  ["JAEGER_SAMPLER_MANAGER_HOST_PORT", "http://s3cret@jaeger:5778", "http://***@jaeger:5778"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318", "http://otel:4318"],
  ["JAEGER_TAGS", "mail=a@b.c,why=x?y", "mail=a@b.c,why=x?y"],
])("no secret is shown of %s=%s", (name, text, expected) => {
  expect(describeConfig({ [name]: text })[name]).toBe(expected);
});
