import { describe, expect, test } from "bun:test";
import { parseJaegerEnv } from "../../src/trace/jaeger-env.ts";

/** The value at a path such as `agent.port`. */
function at(config: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Record<string, unknown>)[key], config);
}

describe("without variables", () => {
  const { config, problems } = parseJaegerEnv({});

  test("the defaults are those of jaeger-client-go 2.30", () => {
    expect(problems).toEqual([]);
    expect(config).toEqual({
      disabled: false,
      traceId128: false,
      tags: [],
      sampler: { type: "remote", param: 0 },
      remoteSampling: {
        endpoint: "http://127.0.0.1:5778/sampling",
        maxOperations: 2000,
        refreshIntervalMs: 60_000,
      },
      maxQueueSize: 2048,
      flushIntervalMs: 1000,
      logSpans: false,
      agent: { host: "localhost", port: 6831, reconnect: true, reconnectIntervalMs: 30_000 },
      collector: null,
    });
  });

  test("the configuration is frozen all through", () => {
    const parts = [config, config.tags, config.sampler, config.remoteSampling, config.agent];
    expect(parts.every(Object.isFrozen)).toBe(true);
  });
});

describe("a variable sets", () => {
  test.each([
    ["JAEGER_DISABLED", "T", "disabled", true],
    ["JAEGER_DISABLED", "0", "disabled", false],
    ["JAEGER_DISABLED", "", "disabled", false],
    ["JAEGER_TRACEID_128BIT", "true", "traceId128", true],
    ["JAEGER_TAGS", "a=1", "tags", [{ key: "a", value: "1" }]],
    ["JAEGER_SAMPLER_TYPE", "CONST", "sampler.type", "const"],
    ["JAEGER_SAMPLER_TYPE", "rateLimiting", "sampler.type", "ratelimiting"],
    ["JAEGER_SAMPLER_PARAM", "1e-3", "sampler.param", 0.001],
    ["JAEGER_SAMPLING_ENDPOINT", "http://s:1/x?y", "remoteSampling.endpoint", "http://s:1/x?y"],
    ["JAEGER_SAMPLER_MANAGER_HOST_PORT", "http://m:1/p", "remoteSampling.endpoint", "http://m:1/p"],
    ["JAEGER_SAMPLER_MANAGER_HOST_PORT", "m:5778", "remoteSampling.endpoint", "http://m:5778/sampling"],
    ["JAEGER_SAMPLER_MANAGER_HOST_PORT", "m:5778/p", "remoteSampling.endpoint", "http://m:5778/p"],
    ["JAEGER_AGENT_HOST", "agent", "remoteSampling.endpoint", "http://agent:5778/sampling"],
    ["JAEGER_AGENT_HOST", "fd00::1", "remoteSampling.endpoint", "http://[fd00::1]:5778/sampling"],
    ["JAEGER_SAMPLER_MAX_OPERATIONS", "5", "remoteSampling.maxOperations", 5],
    ["JAEGER_SAMPLER_MAX_OPERATIONS", "-5", "remoteSampling.maxOperations", 2000],
    ["JAEGER_SAMPLER_REFRESH_INTERVAL", "1h2m", "remoteSampling.refreshIntervalMs", 3_720_000],
    ["JAEGER_SAMPLER_REFRESH_INTERVAL", "0", "remoteSampling.refreshIntervalMs", 60_000],
    ["JAEGER_REPORTER_MAX_QUEUE_SIZE", "7", "maxQueueSize", 7],
    ["JAEGER_REPORTER_MAX_QUEUE_SIZE", "0", "maxQueueSize", 2048],
    ["JAEGER_REPORTER_FLUSH_INTERVAL", "150ms", "flushIntervalMs", 150],
    ["JAEGER_REPORTER_FLUSH_INTERVAL", "-1s", "flushIntervalMs", 1000],
    ["JAEGER_REPORTER_LOG_SPANS", "1", "logSpans", true],
    ["JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED", "true", "agent.reconnect", false],
    ["JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL", "5s", "agent.reconnectIntervalMs", 5000],
    ["JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL", "0s", "agent.reconnectIntervalMs", 30_000],
    ["JAEGER_AGENT_HOST", "[::1]", "agent.host", "::1"],
    ["JAEGER_AGENT_PORT", "16831", "agent.port", 16831],
    [
      "JAEGER_ENDPOINT",
      "http://c:14268/api/traces?format=jaeger.thrift",
      "collector",
      { url: "http://c:14268/api/traces?format=jaeger.thrift", user: "", password: "" },
    ],
    ["JAEGER_USER", "u", "collector", null],
  ])("%s=%s → %s = %j", (name, value, path, expected) => {
    const { config, problems } = parseJaegerEnv({ [name]: value });
    expect(problems).toEqual([]);
    expect(at(config, path)).toEqual(expected);
  });
});

describe("a wrong value is a problem that names variable, value and what is right", () => {
  test.each([
    ["JAEGER_DISABLED", "yes", "true or false"],
    ["JAEGER_RPC_METRICS", "on", "true or false"],
    ["JAEGER_TRACEID_128BIT", "128", "true or false"],
    ["JAEGER_SAMPLER_TYPE", "always", "one of const, probabilistic, ratelimiting, remote"],
    ["JAEGER_SAMPLER_PARAM", "1.1", "a number from 0 to 1"],
    ["JAEGER_SAMPLER_PARAM", "nan", "a number from 0 to 1"],
    ["JAEGER_SAMPLER_PARAM", "half", "a number"],
    ["JAEGER_SAMPLING_ENDPOINT", "agent:5778", "an absolute URL"],
    ["JAEGER_SAMPLER_MAX_OPERATIONS", "1.5", "a whole number"],
    ["JAEGER_SAMPLER_REFRESH_INTERVAL", "1000", "a duration with unit"],
    ["JAEGER_REPORTER_MAX_QUEUE_SIZE", "many", "a whole number"],
    ["JAEGER_REPORTER_FLUSH_INTERVAL", "1000", "a duration with unit"],
    ["JAEGER_REPORTER_LOG_SPANS", "2", "true or false"],
    ["JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED", "no", "true or false"],
    ["JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL", "soon", "a duration with unit"],
    ["JAEGER_AGENT_HOST", "agent:6831", "a name or an IP address, without port"],
    ["JAEGER_AGENT_HOST", "http://agent", "a name or an IP address"],
    ["JAEGER_AGENT_HOST", "jaeger agent", "a name or an IP address"],
    ["JAEGER_AGENT_HOST", "fe80::1%eth0", "a name or an IP address"],
    ["JAEGER_AGENT_PORT", "0", "a port from 1 to 65535"],
    ["JAEGER_AGENT_PORT", "tcp://10.0.0.1:6831", "enableServiceLinks: false"],
    ["JAEGER_ENDPOINT", "/api/traces", "an absolute URL"],
    ["JAEGER_ENDPOINT", "ftp://c/api", "an absolute URL"],
  ])("%s=%s", (name, value, right) => {
    const { problems } = parseJaegerEnv({ [name]: value });
    expect(problems.length).toBe(1);
    expect(problems[0]).toStartWith(`${name}=${JSON.stringify(value)} is not `);
    expect(problems[0]).toContain(right);
  });

  test("all of them at once", () => {
    const env = { JAEGER_DISABLED: "x", JAEGER_SAMPLER_TYPE: "x", JAEGER_AGENT_PORT: "x" };
    expect(parseJaegerEnv(env).problems.length).toBe(3);
  });
});

describe("variables that hang together", () => {
  test.each(["const", "ratelimiting"])("JAEGER_SAMPLER_PARAM may exceed 1 for %s", (type) => {
    const { config, problems } = parseJaegerEnv({ JAEGER_SAMPLER_TYPE: type, JAEGER_SAMPLER_PARAM: "20" });
    expect([problems.length, config.sampler.param]).toEqual([0, 20]);
  });

  test("JAEGER_SAMPLING_ENDPOINT goes before JAEGER_SAMPLER_MANAGER_HOST_PORT, that before the agent", () => {
    const env = { JAEGER_SAMPLER_MANAGER_HOST_PORT: "m:1", JAEGER_AGENT_HOST: "a" };
    expect(parseJaegerEnv(env).config.remoteSampling.endpoint).toBe("http://m:1/sampling");
    const all = { ...env, JAEGER_SAMPLING_ENDPOINT: "http://s/" };
    expect(parseJaegerEnv(all).config.remoteSampling.endpoint).toBe("http://s/");
  });

  test("a manager that is no address never stopped 0.10: it is ignored with a warning", () => {
    const { problems, warnings } = parseJaegerEnv({
      JAEGER_SAMPLER_MANAGER_HOST_PORT: "http://",
      JAEGER_DISABLED: "1",
    });
    expect([problems.length, warnings.length]).toEqual([0, 1]);
  });

  test.each([
    ["JAEGER_USER", "JAEGER_PASSWORD"],
    ["JAEGER_PASSWORD", "JAEGER_USER"],
  ])("%s without %s is a problem once there is a collector", (one, other) => {
    const env = { JAEGER_ENDPOINT: "http://c/api/traces", [one]: "secret" };
    expect(parseJaegerEnv(env).problems).toEqual([`${one} is set without ${other}: set both or neither`]);
  });

  test("the reconnect interval is not read when reconnecting is off", () => {
    const env = {
      JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED: "1",
      JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL: "soon",
    };
    expect(parseJaegerEnv(env).problems).toEqual([]);
  });
});

describe("one warning says that nothing will be sampled", () => {
  const url = "http://127.0.0.1:5778/sampling";
  test.each([
    ["by default", {}, `remote sampling from ${url}, nothing is sampled until it answers`],
    [
      "with remote, without the secrets in its URL",
      { JAEGER_SAMPLER_TYPE: "remote", JAEGER_SAMPLING_ENDPOINT: "https://me:secret@s/x?token=secret" },
      "remote sampling from https://s/x, nothing is sampled until it answers",
    ],
    ["with const and no parameter", { JAEGER_SAMPLER_TYPE: "const" }, "JAEGER_SAMPLER_PARAM is 0"],
    ["with probability 0", { JAEGER_SAMPLER_TYPE: "probabilistic" }, "JAEGER_SAMPLER_PARAM is 0"],
  ])("%s", (_label, env, reason) => {
    const { warnings } = parseJaegerEnv(env);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain(reason);
    expect(warnings[0]).toEndWith("set JAEGER_SAMPLER_TYPE=const and JAEGER_SAMPLER_PARAM=1");
  });

  test.each([
    ["with const 1", { JAEGER_SAMPLER_TYPE: "const", JAEGER_SAMPLER_PARAM: "1" }],
    ["with remote and a rate until it answers", { JAEGER_SAMPLER_PARAM: "0.01" }],
    ["with rate limiting, whose first trace always passes", { JAEGER_SAMPLER_TYPE: "ratelimiting" }],
    ["when tracing is disabled", { JAEGER_DISABLED: "true" }],
  ])("but not %s", (_label, env) => {
    expect(parseJaegerEnv(env).warnings).toEqual([]);
  });
});

test("defaults from elsewhere hold where no variable says otherwise", () => {
  const defaults = { sampler: { type: "const", param: 1 }, traceId128: true } as const;
  expect(parseJaegerEnv({}, defaults).config).toMatchObject(defaults);
  expect(parseJaegerEnv({}, defaults).warnings).toEqual([]);
  const own = { JAEGER_SAMPLER_TYPE: "probabilistic", JAEGER_TRACEID_128BIT: "false" };
  expect(parseJaegerEnv(own, defaults).config).toMatchObject({
    sampler: { type: "probabilistic", param: 0 },
    traceId128: false,
  });
});
