import { expect, test } from "bun:test";
import { describeResource } from "../../../src/trace/otlp/resource.ts";

const PROCESS = {
  serviceName: "shop",
  tags: [
    { key: "env", value: "of the process" },
    { key: "hostname", value: "pod-0" },
  ],
};

test("a resource names the service, what recorded the spans, and what is known of the process", () => {
  expect(describeResource(PROCESS, [], "1.2.3")).toEqual({
    attributes: [
      { key: "service.name", value: "shop" },
      { key: "telemetry.sdk.name", value: "netramesh" },
      { key: "telemetry.sdk.language", value: "nodejs" },
      { key: "telemetry.sdk.version", value: "1.2.3" },
      { key: "env", value: "of the process" },
      { key: "hostname", value: "pod-0" },
    ],
    scope: { name: "netramesh", version: "1.2.3" },
  });
});

test("what the operator gave for OpenTelemetry comes before the tags of the process, but not before the service name", () => {
  const own = [
    { key: "env", value: "of the operator" },
    { key: "service.name", value: "other" },
  ];
  const { attributes } = describeResource(PROCESS, own, "1.2.3");
  const valuesOf = (key: string) => attributes.filter((each) => each.key === key).map(({ value }) => value);
  expect(valuesOf("env")).toEqual(["of the operator"]);
  expect(valuesOf("service.name")).toEqual(["shop"]);
});
