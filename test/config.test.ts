import { describe, expect, test } from "bun:test";
import { OWN } from "../src/config/own-variables.ts";
import { type Config, parseConfig } from "../src/config.ts";

type Env = Record<string, string>;

const LONGEST_MS = 2_147_483_647;

/** The defaults of netramesh 0.10, and those of the variables that are new. */
const DEFAULTS: Omit<Config, "trace"> = {
  serviceName: "shop",
  logLevel: "info",
  logFormat: "auto",
  accessLog: "off",
  configFile: "",
  port: 14956,
  pprofHost: "127.0.0.1",
  pprofPort: 14957,
  prometheusPort: 14958,
  contextExpirationMs: 5000,
  contextCleanupIntervalMs: 1000,
  contextMaxEntries: 100_000,
  routingExpirationMs: 5000,
  routingCleanupIntervalMs: 1000,
  httpPorts: new Set(),
  httpAutodetect: false,
  opaquePorts: new Set(),
  headTimeoutMs: 1000,
  requestIdHeader: "X-Request-Id",
  ignoredPaths: new Set(),
  headerTags: [],
  cookieTags: [],
  sourceHeader: "X-Source",
  sourceValue: "netra",
  routing: false,
  routingHeader: "X-Route",
  routingByCookie: false,
  routingCookie: "X-Route",
  statsd: null,
  metricsMaxSeries: 1000,
  metricsIdleMs: 600_000,
  routes: "auto",
  maxConnections: 0,
  workers: 1,
  connectTimeoutMs: 0,
  drainGraceMs: 5000,
  drainTimeoutMs: 25_000,
  appProbes: new Map(),
  podIp: null,
};

/** Samples everything, so that no warning speaks of sampling. */
const QUIET: Env = { JAEGER_SAMPLER_TYPE: "const", JAEGER_SAMPLER_PARAM: "1" };

function parse(environment: Env, serviceName: string | undefined = "shop") {
  return parseConfig({ ...QUIET, ...environment }, serviceName);
}

function accepted(environment: Env): Omit<Config, "trace"> {
  const { config, problems } = parse(environment);
  if (config === null) throw new Error(problems.join("\n"));
  const { trace: _, ...rest } = config;
  return rest;
}

const VARIABLES = Object.keys(OWN);

/** These never stop the start, whatever they say: most of them as in 0.10, a file when it is read. */
const NEVER_WRONG = new Set([
  "NETRA_CONFIG_FILE",
  "NETRA_HTTP_TRACING_IGNORED_PATHS",
  "HTTP_HEADER_TAG_MAP",
  "HTTP_COOKIE_TAG_MAP",
  "NETRA_HTTP_ROUTING_ENABLED",
  "NETRA_HTTP_ROUTING_COOKIE_ENABLED",
  "NETRA_HTTP_ROUTING_COOKIE_NAME",
  "NETRA_STATSD_ENABLED",
  "NETRA_STATSD_ADDRESS",
  "NETRA_STATSD_PREFIX",
]);

describe("the defaults", () => {
  test("hold when nothing is set", () => {
    expect(accepted({})).toEqual(DEFAULTS);
    expect(parse({})).toMatchObject({ problems: [], warnings: [] });
  });

  test("hold for variables that are empty, without a warning", () => {
    const empty = Object.fromEntries(VARIABLES.map((name) => [name, ""]));
    expect(accepted(empty)).toEqual(DEFAULTS);
    expect(parse(empty).warnings).toEqual([]);
  });

  test("cannot be changed afterwards", () => {
    expect(Object.isFrozen(parse({}).config)).toBe(true);
  });
});

describe("a value is understood", () => {
  const rows: [variable: string, value: string, expected: Partial<Config>][] = [
    ...["debug", "info", "warning", "warn", "error", "fatal"].map(
      (level): [string, string, Partial<Config>] => [
        "NETRA_LOGGER_LEVEL",
        level.toUpperCase(),
        { logLevel: level as Config["logLevel"] },
      ],
    ),
    ["NETRA_LOG_FORMAT", "text", { logFormat: "text" }],
    ["NETRA_LOG_FORMAT", "JSON", { logFormat: "json" }],
    ["NETRA_ACCESS_LOG", "json", { accessLog: "json" }],
    ["NETRA_ACCESS_LOG", "Common", { accessLog: "common" }],
    ["NETRA_CONFIG_FILE", "/etc/netramesh/mesh.yaml", { configFile: "/etc/netramesh/mesh.yaml" }],
    ["NETRA_PORT", "1", { port: 1 }],
    ["NETRA_PPROF_HOST", "0.0.0.0", { pprofHost: "0.0.0.0" }],
    ["NETRA_PPROF_HOST", "::", { pprofHost: "::" }],
    ["NETRA_PPROF_PORT", "65535", { pprofPort: 65_535 }],
    ["NETRA_PROMETHEUS_PORT", "9090", { prometheusPort: 9090 }],
    ["NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", "250", { contextExpirationMs: 250 }],
    ["NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", "0", { contextExpirationMs: 0 }],
    ["NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", "-1", { contextExpirationMs: -1 }],
    ["NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", "9999999999", { contextExpirationMs: LONGEST_MS }],
    ["NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL", "250", { contextCleanupIntervalMs: 250 }],
    ["NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL", "0", { contextCleanupIntervalMs: LONGEST_MS }],
    ["NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL", "-1", { contextCleanupIntervalMs: LONGEST_MS }],
    ["NETRA_CONTEXT_MAX_ENTRIES", "1", { contextMaxEntries: 1 }],
    ["NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS", "250", { routingExpirationMs: 250 }],
    ["NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL", "250", { routingCleanupIntervalMs: 250 }],
    ["NETRA_HTTP_PORTS", "80", { httpPorts: new Set([80]) }],
    ["NETRA_HTTP_PORTS", "80, 8080,80", { httpPorts: new Set([80, 8080]) }],
    ["NETRA_HTTP_AUTODETECT", "true", { httpAutodetect: true }],
    ["NETRA_HTTP_AUTODETECT", "FALSE", { httpAutodetect: false }],
    ["NETRA_OPAQUE_PORTS", "6379,5432", { opaquePorts: new Set([6379, 5432]) }],
    ["NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS", "1", { headTimeoutMs: 1 }],
    ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", "X-Trace", { requestIdHeader: "X-Trace" }],
    ["NETRA_HTTP_TRACING_IGNORED_PATHS", "/health, /a b,", { ignoredPaths: new Set(["/health", "/a b"]) }],
    [
      "HTTP_HEADER_TAG_MAP",
      "X-A:tag.a,x-b:b:c",
      {
        headerTags: [
          { name: "X-A", tag: "tag.a" },
          { name: "x-b", tag: "b:c" },
        ],
      },
    ],
    ["HTTP_HEADER_TAG_MAP", " X-A : a ", { headerTags: [{ name: "X-A", tag: "a" }] }],
    ["HTTP_HEADER_TAG_MAP", "X-A:a,X-A:b", { headerTags: [{ name: "X-A", tag: "b" }] }],
    ["HTTP_COOKIE_TAG_MAP", "sess:http.sess", { cookieTags: [{ name: "sess", tag: "http.sess" }] }],
    ["NETRA_HTTP_X_SOURCE_HEADER_NAME", "X-From", { sourceHeader: "X-From" }],
    ["NETRA_HTTP_X_SOURCE_VALUE", "the shop", { sourceValue: "the shop" }],
    ["NETRA_HTTP_ROUTING_ENABLED", "true", { routing: true }],
    ["NETRA_HTTP_ROUTING_HEADER_NAME", "X-To", { routingHeader: "X-To" }],
    ["NETRA_HTTP_ROUTING_COOKIE_ENABLED", "true", { routingByCookie: true }],
    ["NETRA_HTTP_ROUTING_COOKIE_NAME", "to", { routingCookie: "to" }],
    ["NETRA_MAX_CONNECTIONS", "1", { maxConnections: 1 }],
    ["NETRA_WORKERS", "64", { workers: 64 }],
    ["NETRA_WORKERS", "Auto", { workers: "auto" }],
    ["NETRA_CONNECT_TIMEOUT_MILLISECONDS", "0", { connectTimeoutMs: 0 }],
    ["NETRA_CONNECT_TIMEOUT_MILLISECONDS", "300", { connectTimeoutMs: 300 }],
    ["NETRA_DRAIN_GRACE_MILLISECONDS", "0", { drainGraceMs: 0 }],
    ["NETRA_DRAIN_TIMEOUT_MILLISECONDS", "0", { drainTimeoutMs: 0 }],
  ];
  test.each(rows)("%s=%p", (variable, value, expected) => {
    expect(accepted({ [variable]: value })).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe("a wrong value stops the start, saying what would be right", () => {
  const PORTS = ["0", "65536", "-1", "+80", "8o", "1.5", " 80"];
  const TIMES = ["soon", "1s", "1.5", "99999999999999999999"];
  const COUNTS = ["-1", "many", "1.5", "2147483648"];
  const NAMES = ["X Y", "X:Y", "X\n"];
  const TAKEN = ["Host", "Transfer-Encoding", "uber-trace-id", "X-B3-TraceId"];
  const FREE = "a header name that HTTP and trace propagation leave free";
  const rows: [variable: string, values: string[], expected: string][] = [
    ["NETRA_LOGGER_LEVEL", ["trace", "4"], "one of debug, info, warning, warn, error, fatal"],
    ["NETRA_LOG_FORMAT", ["yaml"], "one of auto, text, json"],
    ["NETRA_ACCESS_LOG", ["on", "true", "combined"], "one of off, json, common"],
    ["NETRA_PORT", PORTS, "a port from 1 to 65535"],
    ["NETRA_PPROF_HOST", ["localhost", "1.2.3", "[::1]"], "an IP address"],
    ["NETRA_PPROF_PORT", PORTS, "a port from 1 to 65535"],
    ["NETRA_PROMETHEUS_PORT", PORTS, "a port from 1 to 65535"],
    ["NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", TIMES, "a whole number of milliseconds"],
    ["NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL", TIMES, "a whole number of milliseconds"],
    ["NETRA_CONTEXT_MAX_ENTRIES", ["0", ...COUNTS], "a whole number from 1 to 10000000"],
    ["NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS", TIMES, "a whole number of milliseconds"],
    ["NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL", TIMES, "a whole number of milliseconds"],
    [
      "NETRA_HTTP_PORTS",
      ["80,0", "http", "80;81", "80-81"],
      "a comma-separated list, each item a port from 1 to 65535",
    ],
    ["NETRA_HTTP_AUTODETECT", ["yes", "1"], "one of true, false"],
    ["NETRA_OPAQUE_PORTS", ["0", "redis"], "a comma-separated list, each item a port from 1 to 65535"],
    ["NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS", ["0", ...COUNTS], "a whole number from 1 to 2147483647"],
    ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", NAMES, "a header name"],
    ["NETRA_HTTP_X_SOURCE_HEADER_NAME", NAMES, "a header name"],
    ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", TAKEN, FREE],
    ["NETRA_HTTP_X_SOURCE_HEADER_NAME", TAKEN, FREE],
    ["NETRA_HTTP_ROUTING_HEADER_NAME", TAKEN, FREE],
    ["NETRA_HTTP_X_SOURCE_VALUE", ["a\u0000b", "\u001b[1m"], "a header value without control characters"],
    ["NETRA_HTTP_ROUTING_HEADER_NAME", NAMES, "a header name"],
    ["NETRA_WORKERS", ["0", "65", "1.5", "all"], "auto or a whole number from 1 to 64"],
    ["NETRA_MAX_CONNECTIONS", ["0", ...COUNTS], "a whole number from 1 to 1000000"],
    ["NETRA_CONNECT_TIMEOUT_MILLISECONDS", COUNTS, "a whole number from 0 to 2147483647"],
    ["NETRA_DRAIN_GRACE_MILLISECONDS", COUNTS, "a whole number from 0 to 2147483647"],
    ["NETRA_DRAIN_TIMEOUT_MILLISECONDS", COUNTS, "a whole number from 0 to 2147483647"],
  ];
  const flat = rows.flatMap(([variable, values, expected]) =>
    values.map((value) => [variable, value, expected] as const),
  );
  test.each(flat)("%s=%p", (variable, value, expected) => {
    expect(parse({ [variable]: value })).toMatchObject({
      config: null,
      problems: [`${variable}=${JSON.stringify(value)} is not ${expected}`],
    });
  });

  test("and all of them at once, those of Jaeger too", () => {
    const wrong = VARIABLES.filter((name) => !NEVER_WRONG.has(name));
    const environment = Object.fromEntries(
      [...wrong, "JAEGER_DISABLED", "JAEGER_AGENT_PORT"].map((name) => [name, "\u0001"]),
    );
    const { config, problems } = parseConfig(environment, undefined);
    expect(config).toBeNull();
    expect(problems.map((line) => line.split("=")[0])).toEqual([
      "no service name: give --service-name NAME, or set JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or POD_NAME",
      ...wrong,
      "JAEGER_DISABLED",
      "JAEGER_AGENT_PORT",
    ]);
  });
});

describe("what 0.10 accepted never stops the start", () => {
  test.each([...NEVER_WRONG])("%s", (variable) => {
    expect(parse({ [variable]: "no\u0001sense" }).problems).toEqual([]);
  });

  const rows: [label: string, environment: Env, warning: RegExp, expected: Partial<Config>][] = [
    [
      "a port that is declared both HTTP and opaque is HTTP",
      { NETRA_HTTP_PORTS: "80", NETRA_OPAQUE_PORTS: "80,81" },
      /both name 80: it counts as HTTP/,
      { httpPorts: new Set([80]), opaquePorts: new Set([80, 81]) },
    ],
    [
      "a switch that is neither true nor false is off",
      { NETRA_HTTP_ROUTING_ENABLED: "yes" },
      /^NETRA_HTTP_ROUTING_ENABLED: "yes" counts as off/,
      {},
    ],
    [
      "a pair without a colon is skipped",
      { HTTP_HEADER_TAG_MAP: "X-A,X-B:b" },
      /^HTTP_HEADER_TAG_MAP: "X-A" is not name:tag, skipped/,
      { headerTags: [{ name: "X-B", tag: "b" }] },
    ],
    [
      "a pair without a tag is skipped",
      { HTTP_COOKIE_TAG_MAP: "a:" },
      /^HTTP_COOKIE_TAG_MAP: "a:" is not name:tag, skipped/,
      {},
    ],
    [
      "a pair without a name is skipped",
      { HTTP_COOKIE_TAG_MAP: ":a" },
      /^HTTP_COOKIE_TAG_MAP: ":a" is not name:tag, skipped/,
      {},
    ],
    [
      "a name that no header can have is skipped",
      { HTTP_HEADER_TAG_MAP: "X A:a" },
      /^HTTP_HEADER_TAG_MAP: "X A:a" is not name:tag, skipped/,
      {},
    ],
    [
      "statsd without an address is off",
      { NETRA_STATSD_ENABLED: "true" },
      /^statsd is off: NETRA_STATSD_ADDRESS="" is not host:port/,
      {},
    ],
    [
      "statsd with a useless address is off",
      { NETRA_STATSD_ENABLED: "true", NETRA_STATSD_ADDRESS: "nowhere" },
      /^statsd is off: NETRA_STATSD_ADDRESS="nowhere" is not host:port/,
      {},
    ],
    [
      "a tag of Jaeger's without = is skipped",
      { JAEGER_TAGS: "a" },
      /^JAEGER_TAGS: "a" is not key=value, skipped/,
      {},
    ],
    [
      "profiling and metrics on one port",
      { NETRA_PPROF_PORT: "7", NETRA_PROMETHEUS_PORT: "7" },
      /^NETRA_PPROF_PORT and NETRA_PROMETHEUS_PORT are both 7/,
      { pprofPort: 7, prometheusPort: 7 },
    ],
  ];
  test.each(rows)("%s, with a warning", (_, environment, warning, expected) => {
    expect(accepted(environment)).toEqual({ ...DEFAULTS, ...expected });
    expect(parse(environment).warnings).toContainEqual(expect.stringMatching(warning));
  });
});

describe("statsd", () => {
  test("is on with a switch and an address", () => {
    const environment = {
      NETRA_STATSD_ENABLED: "true",
      NETRA_STATSD_ADDRESS: "stats.svc:8125",
      NETRA_STATSD_PREFIX: "shop",
    };
    expect(accepted(environment).statsd).toEqual({ host: "stats.svc", port: 8125, prefix: "shop" });
  });

  test("is off without its switch", () => {
    expect(accepted({ NETRA_STATSD_ADDRESS: "stats.svc:8125" }).statsd).toBeNull();
  });
});

test.each([
  ["NETRA_PPROF_PORT", { NETRA_PORT: "14957" }, 14957],
  ["NETRA_PROMETHEUS_PORT", { NETRA_PORT: "7", NETRA_PROMETHEUS_PORT: "7" }, 7],
])("the port of the proxy and %s must differ", (other, environment, port) => {
  expect(parse(environment as Env).problems).toEqual([
    `NETRA_PORT and ${other} are both ${port}: each needs its own port`,
  ]);
});

test.each([
  ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", "NETRA_HTTP_X_SOURCE_HEADER_NAME"],
  ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", "NETRA_HTTP_ROUTING_HEADER_NAME"],
  ["NETRA_HTTP_X_SOURCE_HEADER_NAME", "NETRA_HTTP_ROUTING_HEADER_NAME"],
])("%s and %s must differ, whatever their case", (one, other) => {
  expect(parse({ [one]: "X-One", [other]: "x-one" })).toMatchObject({
    config: null,
    problems: [`${one} and ${other} are both "x-one": each needs its own header`],
  });
});

test("a header must differ from the defaults of the others", () => {
  expect(parse({ NETRA_HTTP_X_SOURCE_HEADER_NAME: "x-request-id" }).problems).toEqual([
    'NETRA_HTTP_REQUEST_ID_HEADER_NAME and NETRA_HTTP_X_SOURCE_HEADER_NAME are both "x-request-id": each needs its own header',
  ]);
});

describe("the service name", () => {
  const all = {
    JAEGER_SERVICE_NAME: "jaeger",
    OTEL_SERVICE_NAME: "otel",
    POD_NAMESPACE: "prod",
    POD_NAME: "shop-0",
  };
  const { JAEGER_SERVICE_NAME: _, ...noJaeger } = all;
  const { OTEL_SERVICE_NAME: __, ...onlyPod } = noJaeger;
  test.each([
    ["the switch", "switch", all, "switch"],
    ["JAEGER_SERVICE_NAME", undefined, all, "jaeger"],
    ["JAEGER_SERVICE_NAME", "", all, "jaeger"],
    ["OTEL_SERVICE_NAME", undefined, noJaeger, "otel"],
    ["OTEL_SERVICE_NAME", undefined, { ...all, JAEGER_SERVICE_NAME: "" }, "otel"],
    ["the pod", undefined, onlyPod, "prod.shop"],
  ])("comes from %s if there is no better source", (_source, given, environment, expected) => {
    expect(parseConfig({ ...QUIET, ...environment }, given).config?.serviceName).toBe(expected);
  });
});
