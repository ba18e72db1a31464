/**
 * The sidecar's configuration: environment and switches in, one frozen Config out, or every problem at once.
 * Names, defaults and meanings are netramesh 0.10's (internal/config/global.go). What 0.10 took never stops the start,
 * header names that would break requests excepted.
 */
import * as env from "./env.ts";
import type { LogLevel } from "./log.ts";
import { serviceNameOfPod } from "./service-name.ts";
import { parseTraceEnv, type TraceConfig } from "./trace/trace-env.ts";

/** A header or cookie whose value becomes a span tag. */
export interface TagMapping {
  readonly name: string;
  readonly tag: string;
}

/** The statsd daemon that counters go to. */
export interface StatsdConfig {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
}

export interface Config {
  readonly serviceName: string;
  readonly logLevel: LogLevel;
  readonly port: number;
  readonly pprofHost: string;
  readonly pprofPort: number;
  readonly prometheusPort: number;
  /** 0 or less: mappings never expire. */
  readonly contextExpirationMs: number;
  readonly contextCleanupIntervalMs: number;
  readonly contextMaxEntries: number;
  /** 0 or less: mappings never expire. */
  readonly routingExpirationMs: number;
  readonly routingCleanupIntervalMs: number;
  readonly httpPorts: ReadonlySet<number>;
  /** Find out which other ports carry HTTP, `opaquePorts` excepted. */
  readonly httpAutodetect: boolean;
  readonly opaquePorts: ReadonlySet<number>;
  readonly headTimeoutMs: number;
  readonly requestIdHeader: string;
  readonly ignoredPaths: ReadonlySet<string>;
  readonly headerTags: readonly TagMapping[];
  readonly cookieTags: readonly TagMapping[];
  readonly sourceHeader: string;
  /** One character per byte on the wire. */
  readonly sourceValue: string;
  readonly routing: boolean;
  readonly routingHeader: string;
  readonly routingByCookie: boolean;
  readonly routingCookie: string;
  /** Null: off. */
  readonly statsd: StatsdConfig | null;
  /** 0: derive from the file limit. */
  readonly maxConnections: number;
  /** 0: the kernel's own. */
  readonly connectTimeoutMs: number;
  readonly drainGraceMs: number;
  readonly drainTimeoutMs: number;
  readonly trace: TraceConfig;
}

export interface ParsedConfig {
  /** Null if there are problems. */
  readonly config: Config | null;
  /** What stops the start, each naming variable, value and what would be right. */
  readonly problems: readonly string[];
  /** What is accepted but probably not meant, and what is set without effect yet. */
  readonly warnings: readonly string[];
}

/** Variables that are understood but whose feature does not exist yet; each is reported once when it is set. */
const NOT_YET = [
  "NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS",
  "NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL",
  "NETRA_HTTP_ROUTING_ENABLED",
  "NETRA_HTTP_ROUTING_HEADER_NAME",
  "NETRA_HTTP_ROUTING_COOKIE_ENABLED",
  "NETRA_HTTP_ROUTING_COOKIE_NAME",
  "NETRA_STATSD_ENABLED",
  "NETRA_STATSD_ADDRESS",
  "NETRA_STATSD_PREFIX",
  "NETRA_PPROF_HOST",
];

/** Variables of features that do not exist yet, but whose ports `netramesh init` already heeds. */
const RESERVED_PORTS = ["NETRA_PPROF_PORT", "NETRA_PROMETHEUS_PORT"];

/** Parses `environment`; `serviceName` is the switch `--service-name`, if given. */
export function parseConfig(environment: env.Environment, serviceName: string | undefined): ParsedConfig {
  const read = new env.EnvReader(environment);
  const trace = parseTraceEnv(environment);
  const config: Config = Object.freeze({
    serviceName: serviceName || findServiceName(environment),
    logLevel: read.value("NETRA_LOGGER_LEVEL", "info", logLevel),
    ...readPorts(read),
    ...readStores(read),
    ...readHttp(read),
    ...readRouting(read),
    statsd: readStatsd(read),
    ...readLimits(read),
    trace: trace.config,
  });
  const conflicts = portConflicts(config);
  const isSet = (name: string) => Boolean(environment[name]);
  const problems = [
    ...missingServiceName(config),
    ...read.problems.map(env.formatProblem),
    ...conflicts.problems,
    ...headerConflicts(config),
    ...trace.problems,
  ];
  const warnings = [
    ...read.warnings,
    ...conflicts.warnings,
    ...opaqueAndHttp(config),
    ...trace.warnings,
    ...NOT_YET.filter(isSet).map(explainNotYet),
    ...RESERVED_PORTS.filter(isSet).map(explainReserved),
  ];
  return { config: problems.length === 0 ? config : null, problems, warnings };
}

const logLevel = env.oneOf<LogLevel>("debug", "info", "warning", "warn", "error", "fatal");
const atLeastOneMs = env.integer(1, env.LONGEST_MS);
const notNegativeMs = env.integer(0, env.LONGEST_MS);

function findServiceName({ JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME, ...pod }: env.Environment): string {
  return JAEGER_SERVICE_NAME || OTEL_SERVICE_NAME || serviceNameOfPod(pod.POD_NAMESPACE, pod.POD_NAME) || "";
}

function missingServiceName({ serviceName }: Config): string[] {
  if (serviceName !== "") return [];
  return [
    "no service name: give --service-name NAME, or set JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or POD_NAME",
  ];
}

function readPorts(read: env.EnvReader) {
  return {
    port: read.value("NETRA_PORT", 14956, env.port),
    pprofHost: read.value("NETRA_PPROF_HOST", "127.0.0.1", env.ip),
    pprofPort: read.value("NETRA_PPROF_PORT", 14957, env.port),
    prometheusPort: read.value("NETRA_PROMETHEUS_PORT", 14958, env.port),
  };
}

function readStores(read: env.EnvReader) {
  return {
    contextExpirationMs: read.value("NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", 5000, env.millis),
    contextCleanupIntervalMs: readInterval(read, "NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL"),
    contextMaxEntries: read.value("NETRA_CONTEXT_MAX_ENTRIES", 100_000, env.integer(1, 10_000_000)),
    routingExpirationMs: read.value("NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS", 5000, env.millis),
    routingCleanupIntervalMs: readInterval(read, "NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL"),
  };
}

/** 0.10 never swept at zero and less (go-cache `NewFrom`). */
function readInterval(read: env.EnvReader, name: string): number {
  const interval = read.value(name, 1000, env.millis);
  return interval > 0 ? interval : env.LONGEST_MS;
}

function readHttp(read: env.EnvReader) {
  return {
    httpPorts: new Set(read.value("NETRA_HTTP_PORTS", [], env.listOf(env.port))),
    httpAutodetect: read.value("NETRA_HTTP_AUTODETECT", "false", env.oneOf("true", "false")) === "true",
    opaquePorts: new Set(read.value("NETRA_OPAQUE_PORTS", [], env.listOf(env.port))),
    headTimeoutMs: read.value("NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS", 1000, atLeastOneMs),
    requestIdHeader: read.value("NETRA_HTTP_REQUEST_ID_HEADER_NAME", "X-Request-Id", env.ownHeaderName),
    ignoredPaths: new Set(env.splitList(read.text("NETRA_HTTP_TRACING_IGNORED_PATHS", ""))),
    headerTags: readTagMap(read, "HTTP_HEADER_TAG_MAP", (name) => typeof env.headerName(name) === "string"),
    cookieTags: readTagMap(read, "HTTP_COOKIE_TAG_MAP", (name) => name !== ""),
    sourceHeader: read.value("NETRA_HTTP_X_SOURCE_HEADER_NAME", "X-Source", env.ownHeaderName),
    sourceValue: read.value("NETRA_HTTP_X_SOURCE_VALUE", "netra", env.headerValue),
  };
}

function readRouting(read: env.EnvReader) {
  return {
    routing: read.flag("NETRA_HTTP_ROUTING_ENABLED"),
    routingHeader: read.value("NETRA_HTTP_ROUTING_HEADER_NAME", "X-Route", env.ownHeaderName),
    routingByCookie: read.flag("NETRA_HTTP_ROUTING_COOKIE_ENABLED"),
    routingCookie: read.text("NETRA_HTTP_ROUTING_COOKIE_NAME", "X-Route"),
  };
}

function readLimits(read: env.EnvReader) {
  return {
    maxConnections: read.value("NETRA_MAX_CONNECTIONS", 0, env.integer(1, 1_000_000)),
    connectTimeoutMs: read.value("NETRA_CONNECT_TIMEOUT_MILLISECONDS", 0, notNegativeMs),
    drainGraceMs: read.value("NETRA_DRAIN_GRACE_MILLISECONDS", 5000, notNegativeMs),
    drainTimeoutMs: read.value("NETRA_DRAIN_TIMEOUT_MILLISECONDS", 25_000, notNegativeMs),
  };
}

/** 0.10 ran without statsd when it could not use the address. */
function readStatsd(read: env.EnvReader): StatsdConfig | null {
  if (!read.flag("NETRA_STATSD_ENABLED")) return null;
  const text = read.text("NETRA_STATSD_ADDRESS", "");
  const address = env.hostAndPort(text);
  if (!(address instanceof env.Bad)) return { ...address, prefix: read.text("NETRA_STATSD_PREFIX", "") };
  read.warnings.push(
    `statsd is off: NETRA_STATSD_ADDRESS=${JSON.stringify(text)} is not ${address.expected}`,
  );
  return null;
}

/**
 * `name:tag,name:tag`, split at the first colon; a name's last tag counts. Pairs that are none are skipped with a
 * warning, as 0.10 skipped them.
 */
function readTagMap(read: env.EnvReader, variable: string, isName: (text: string) => boolean): TagMapping[] {
  const tags = new Map<string, string>();
  for (const pair of env.splitList(read.text(variable, ""))) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, Math.max(0, colon)).trim();
    const tag = pair.slice(colon + 1).trim();
    if (isName(name) && tag !== "") tags.set(name, tag);
    else read.warnings.push(`${variable}: ${JSON.stringify(pair)} is not name:tag, skipped`);
  }
  return [...tags].map(([name, tag]) => ({ name, tag }));
}

/** 0.10 could not start when its own port was taken, but could without profiling or metrics. */
function portConflicts({ port, pprofPort, prometheusPort }: Config) {
  const problems: string[] = [];
  for (const [name, other] of Object.entries({
    NETRA_PPROF_PORT: pprofPort,
    NETRA_PROMETHEUS_PORT: prometheusPort,
  })) {
    if (other === port) problems.push(`NETRA_PORT and ${name} are both ${port}: each needs its own port`);
  }
  const warnings: string[] = [];
  if (pprofPort === prometheusPort) {
    warnings.push(
      `NETRA_PPROF_PORT and NETRA_PROMETHEUS_PORT are both ${pprofPort}: only one of them can be served`,
    );
  }
  return { problems, warnings };
}

/** Two meanings in one header: each would be overwritten by the other. */
function headerConflicts({ requestIdHeader, sourceHeader, routingHeader }: Config): string[] {
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (const [variable, header] of [
    ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", requestIdHeader],
    ["NETRA_HTTP_X_SOURCE_HEADER_NAME", sourceHeader],
    ["NETRA_HTTP_ROUTING_HEADER_NAME", routingHeader],
  ] as const) {
    const other = variables.get(header.toLowerCase());
    if (other === undefined) variables.set(header.toLowerCase(), variable);
    else
      problems.push(`${other} and ${variable} are both ${JSON.stringify(header)}: each needs its own header`);
  }
  return problems;
}

function opaqueAndHttp({ httpPorts, opaquePorts }: Config): string[] {
  const both = [...opaquePorts].filter((port) => httpPorts.has(port));
  if (both.length === 0) return [];
  return [`NETRA_OPAQUE_PORTS and NETRA_HTTP_PORTS both name ${both.join(", ")}: it counts as HTTP`];
}

function explainNotYet(name: string): string {
  return `${name} is set, but its feature is not part of this version yet: it has no effect`;
}

function explainReserved(name: string): string {
  return `${name} is set, but nothing is served there yet; the port is only left out of interception`;
}
