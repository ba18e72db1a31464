/**
 * The sidecar's configuration: environment and switches in, one frozen Config out, or every problem at once.
 * Names, defaults and meanings are netramesh 0.10's (internal/config/global.go). What 0.10 took never stops the start,
 * header names that would break requests excepted.
 */
import type { AccessLogForm } from "./access.ts";
import type { AppProbes } from "./admin/app-probes.ts";
import { findConflicts } from "./config/conflicts.ts";
import { OWN } from "./config/own-variables.ts";
import { serviceNameOfPod } from "./config/service-name.ts";
import type { TagMapping } from "./config/tag-map.ts";
import { readTable, type ValuesOf } from "./config/variable.ts";
import { Bad, type Environment, EnvReader, formatProblem, hostAndPort } from "./env.ts";
import type { LogFormat, LogLevel } from "./log.ts";
import { parseTraceEnv, type TraceConfig } from "./trace/trace-env.ts";

/** The statsd daemon that counters go to. */
export interface StatsdConfig {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
}

export interface Config {
  readonly serviceName: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat | "auto";
  readonly accessLog: AccessLogForm;
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
  /** Of each family of metrics. */
  readonly metricsMaxSeries: number;
  readonly metricsIdleMs: number;
  /** Whether routes are guessed from paths. */
  readonly routes: "auto" | "off";
  /** 0: derive from the file limit. */
  readonly maxConnections: number;
  /** `auto`: as many as there are cores to use. */
  readonly workers: number | "auto";
  /** 0: the kernel's own. */
  readonly connectTimeoutMs: number;
  readonly drainGraceMs: number;
  readonly drainTimeoutMs: number;
  /** Empty: none. */
  readonly configFile: string;
  readonly appProbes: AppProbes;
  /** The pod's own address, where the environment says it. */
  readonly podIp: string | null;
  readonly trace: TraceConfig;
}

export interface ParsedConfig {
  /** Null if there are problems. */
  readonly config: Config | null;
  /** How to report them: as asked for, as far as that could be understood. */
  readonly log: Pick<Config, "serviceName" | "logLevel" | "logFormat">;
  /** What stops the start, each naming variable, value and what would be right. */
  readonly problems: readonly string[];
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

/** Parses `environment`; `serviceName` is the switch `--service-name`, if given. */
export function parseConfig(environment: Environment, serviceName: string | undefined): ParsedConfig {
  const reader = new EnvReader(environment);
  const own = readTable(reader, OWN);
  const trace = parseTraceEnv(environment);
  const config: Config = Object.freeze({
    serviceName: serviceName || findServiceName(environment),
    ...network(own),
    ...http(own),
    ...observing(own),
    statsd: statsd(own, reader.warnings),
    configFile: own.NETRA_CONFIG_FILE,
    trace: trace.config,
  });
  const conflicts = findConflicts(config);
  const problems = [
    ...missingServiceName(config),
    ...reader.problems.map(formatProblem),
    ...conflicts.problems,
    ...trace.problems,
  ];
  const warnings = [...reader.warnings, ...conflicts.warnings, ...trace.warnings];
  return { config: problems.length === 0 ? config : null, log: config, problems, warnings };
}

type Own = ValuesOf<typeof OWN>;

function network(own: Own) {
  return {
    port: own.NETRA_PORT,
    pprofHost: own.NETRA_PPROF_HOST,
    pprofPort: own.NETRA_PPROF_PORT,
    prometheusPort: own.NETRA_PROMETHEUS_PORT,
    maxConnections: own.NETRA_MAX_CONNECTIONS,
    workers: own.NETRA_WORKERS,
    connectTimeoutMs: own.NETRA_CONNECT_TIMEOUT_MILLISECONDS,
    drainGraceMs: own.NETRA_DRAIN_GRACE_MILLISECONDS,
    drainTimeoutMs: own.NETRA_DRAIN_TIMEOUT_MILLISECONDS,
    appProbes: own.NETRA_APP_PROBES,
    podIp: own.POD_IP,
  };
}

function http(own: Own) {
  return {
    httpPorts: own.NETRA_HTTP_PORTS,
    httpAutodetect: own.NETRA_HTTP_AUTODETECT,
    opaquePorts: own.NETRA_OPAQUE_PORTS,
    headTimeoutMs: own.NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS,
    requestIdHeader: own.NETRA_HTTP_REQUEST_ID_HEADER_NAME,
    sourceHeader: own.NETRA_HTTP_X_SOURCE_HEADER_NAME,
    sourceValue: own.NETRA_HTTP_X_SOURCE_VALUE,
    routing: own.NETRA_HTTP_ROUTING_ENABLED,
    routingHeader: own.NETRA_HTTP_ROUTING_HEADER_NAME,
    routingByCookie: own.NETRA_HTTP_ROUTING_COOKIE_ENABLED,
    routingCookie: own.NETRA_HTTP_ROUTING_COOKIE_NAME,
    routingExpirationMs: own.NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS,
    routingCleanupIntervalMs: own.NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL,
  };
}

function observing(own: Own) {
  return {
    logLevel: own.NETRA_LOGGER_LEVEL,
    logFormat: own.NETRA_LOG_FORMAT,
    accessLog: own.NETRA_ACCESS_LOG,
    contextExpirationMs: own.NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS,
    contextCleanupIntervalMs: own.NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL,
    contextMaxEntries: own.NETRA_CONTEXT_MAX_ENTRIES,
    ignoredPaths: own.NETRA_HTTP_TRACING_IGNORED_PATHS,
    headerTags: own.HTTP_HEADER_TAG_MAP,
    cookieTags: own.HTTP_COOKIE_TAG_MAP,
    metricsMaxSeries: own.NETRA_METRICS_MAX_SERIES,
    metricsIdleMs: own.NETRA_METRICS_IDLE_MILLISECONDS,
    routes: own.NETRA_ROUTES,
  };
}

/** 0.10 ran without statsd when it could not use the address. */
function statsd(own: Own, warnings: string[]): StatsdConfig | null {
  if (!own.NETRA_STATSD_ENABLED) return null;
  const text = own.NETRA_STATSD_ADDRESS;
  const address = hostAndPort(text);
  if (!(address instanceof Bad)) return { ...address, prefix: own.NETRA_STATSD_PREFIX };
  warnings.push(`statsd is off: NETRA_STATSD_ADDRESS=${JSON.stringify(text)} is not ${address.expected}`);
  return null;
}

function findServiceName(environment: Environment): string {
  const { JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME, POD_NAMESPACE, POD_NAME } = environment;
  return JAEGER_SERVICE_NAME || OTEL_SERVICE_NAME || serviceNameOfPod(POD_NAMESPACE, POD_NAME) || "";
}

function missingServiceName({ serviceName }: Config): string[] {
  if (serviceName !== "") return [];
  return [
    "no service name: give --service-name NAME, or set JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or POD_NAME",
  ];
}
