import { expect, test } from "bun:test";
import { checkTracing, type Outside } from "../../src/check/tracing.ts";
import { parseConfig } from "../../src/config.ts";
import type { Environment } from "../../src/env.ts";

const DATE_AT = Date.UTC(2026, 10, 23);
const SAMPLED = { JAEGER_SAMPLER_TYPE: "const", JAEGER_SAMPLER_PARAM: "1" };
const OTLP = { ...SAMPLED, OTEL_EXPORTER_OTLP_ENDPOINT: "http://u:p@otel:4318?token=x" };

const WELL: Outside = {
  lookUp: async () => [{ ip: "10.0.0.9", port: 0 }],
  probeAgent: async () => null,
  probeCollector: async () => ({ status: 405, dateAtMs: DATE_AT }),
  fetchStrategy: async () => ({ type: "probabilistic", rate: 1 }) as never,
};
const failing = () => Promise.reject(new Error("queryA ENOTFOUND agent"));

const rows: [label: string, environment: Environment, outside: Partial<Outside>, found: RegExp[]][] = [
  [
    "an agent",
    { ...SAMPLED, JAEGER_AGENT_HOST: "agent" },
    {},
    [/^ok agent:6831 \(10\.0\.0\.9\)/, /^ok .*const 1/],
  ],
  ["an agent by address", { ...SAMPLED, JAEGER_AGENT_HOST: "10.0.0.8" }, { lookUp: failing }, [/^ok/, /^ok/]],
  ["no agent", SAMPLED, { probeAgent: async () => "refused" }, [/^error .*: refused/, /^ok/]],
  ["no name", { ...SAMPLED, JAEGER_AGENT_HOST: "agent" }, { lookUp: failing }, [/^error .*ENOTFOUND/, /^ok/]],
  ["a name without address", SAMPLED, { lookUp: async () => [] }, [/^error .*none was found/, /^ok/]],
  [
    "a collector",
    { ...SAMPLED, JAEGER_ENDPOINT: "http://j/api" },
    {},
    [/^ok .*http:\/\/j\/api .*405/, /^ok/],
  ],
  [
    "OTLP, without secrets",
    OTLP,
    {},
    [/^ok the OTLP collector http:\/\/otel:4318\/v1\/traces answers/, /^ok/],
  ],
  ["no collector", OTLP, { probeCollector: async () => "no connection" }, [/^error .*no connection/, /^ok/]],
  [
    "a collector that is ill",
    OTLP,
    { probeCollector: async () => ({ status: 503, dateAtMs: null }) },
    [/^warning .*503/, /^ok/],
  ],
  ["tracing off", { JAEGER_DISABLED: "true" }, {}, [/^warning tracing is switched off/]],
  ["no exporter", { ...SAMPLED, OTEL_TRACES_EXPORTER: "none" }, {}, [/^warning spans go nowhere/, /^ok/]],
  ["remote sampling", {}, {}, [/^ok/, /^ok .*127\.0\.0\.1:5778\/sampling gives a strategy/]],
  ["nobody to ask", {}, { fetchStrategy: failing }, [/^ok/, /^warning .*nothing is traced until/]],
  [
    "nobody to ask, with a share",
    { JAEGER_SAMPLER_TYPE: "remote", JAEGER_SAMPLER_PARAM: "0.5" },
    { fetchStrategy: failing },
    [/^ok/, /^warning .*a share of 0\.5/],
  ],
];
test.each(rows)("%s", async (_, environment, outside, found) => {
  const { config } = parseConfig(environment, "shop");
  const { findings } = await checkTracing(config!, { ...WELL, ...outside });
  const lines = findings.map(
    ({ result, message }) => `${result} ${message.replace("the Jaeger agent ", "")}`,
  );
  expect(lines.length).toBe(found.length);
  for (const [i, line] of lines.entries()) expect(line).toMatch(found[i]!);
});

test("what the collector's clock said is handed on", async () => {
  const { config } = parseConfig(OTLP, "shop");
  expect((await checkTracing(config!, WELL)).dateAtMs).toBe(DATE_AT);
});
