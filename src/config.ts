/**
 * The sidecar's configuration: environment and switches in, one frozen Config out, or every problem at once.
 * Names, defaults and meanings are netramesh 0.10's (README, "Configuration").
 */
import * as env from "./env.ts";
import { serviceNameOfPod } from "./service-name.ts";
import { type JaegerConfig, parseJaegerEnv } from "./trace/jaeger-env.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A header or cookie whose value becomes a span tag. */
export interface TagMapping {
  readonly name: string;
  readonly tag: string;
}

export interface Config {
  readonly serviceName: string;
  readonly logLevel: "debug" | "info" | "warning" | "warn" | "error" | "fatal";
  readonly port: number;
  readonly pprofHost: string;
  readonly pprofPort: number;
  readonly prometheusPort: number;
  readonly contextExpirationMs: number;
  readonly contextCleanupIntervalMs: number;
  readonly contextMaxEntries: number;
  readonly routingExpirationMs: number;
  readonly routingCleanupIntervalMs: number;
  readonly httpPorts: ReadonlySet<number>;
  readonly requestIdHeader: string;
  readonly ignoredPaths: ReadonlySet<string>;
  readonly headerTags: readonly TagMapping[];
  readonly cookieTags: readonly TagMapping[];
  readonly sourceHeader: string;
  readonly sourceValue: string;
  readonly routing: boolean;
  readonly routingHeader: string;
  readonly routingByCookie: boolean;
  readonly routingCookie: string;
  readonly statsd: boolean;
  readonly statsdAddress: string;
  readonly statsdPrefix: string;
  /** 0: derive from the file limit. */
  readonly maxConnections: number;
  /** 0: the kernel's own. */
  readonly connectTimeoutMs: number;
  readonly drainGraceMs: number;
  readonly drainTimeoutMs: number;
  readonly headTimeoutMs: number;
  readonly jaeger: JaegerConfig;
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
  "NETRA_PPROF_PORT",
  "NETRA_PPROF_HOST",
];

/** Parses `environment`; `serviceName` is the switch `--service-name`, if given. */
export function parseConfig(environment: Environment, serviceName: string | undefined): ParsedConfig {
  const read = new Reader(environment);
  const jaeger = parseJaegerEnv(environment);
  const config: Config = Object.freeze({
    serviceName: serviceName || findServiceName(read),
    logLevel: read.value(
      "NETRA_LOGGER_LEVEL",
      "info",
      env.oneOf("debug", "info", "warning", "warn", "error", "fatal"),
    ),
    port: read.value("NETRA_PORT", 14956, env.port),
    pprofHost: read.text("NETRA_PPROF_HOST", "127.0.0.1"),
    pprofPort: read.value("NETRA_PPROF_PORT", 14957, env.port),
    prometheusPort: read.value("NETRA_PROMETHEUS_PORT", 14958, env.port),
    contextExpirationMs: read.value("NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS", 5000, env.millis),
    contextCleanupIntervalMs: read.value("NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL", 1000, interval),
    contextMaxEntries: read.value("NETRA_CONTEXT_MAX_ENTRIES", 100_000, env.integer(1, 10_000_000)),
    routingExpirationMs: read.value("NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS", 5000, env.millis),
    routingCleanupIntervalMs: read.value("NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL", 1000, interval),
    httpPorts: new Set(read.value("NETRA_HTTP_PORTS", [], env.listOf(env.port))),
    requestIdHeader: read.value("NETRA_HTTP_REQUEST_ID_HEADER_NAME", "X-Request-Id", env.headerName),
    ignoredPaths: new Set(read.text("NETRA_HTTP_TRACING_IGNORED_PATHS", "").split(",").filter(Boolean)),
    headerTags: read.tagMap("HTTP_HEADER_TAG_MAP", (name) => !(env.headerName(name) instanceof env.Bad)),
    cookieTags: read.tagMap("HTTP_COOKIE_TAG_MAP", () => true),
    sourceHeader: read.value("NETRA_HTTP_X_SOURCE_HEADER_NAME", "X-Source", env.headerName),
    sourceValue: read.value("NETRA_HTTP_X_SOURCE_VALUE", "netra", env.headerValue),
    routing: read.flag("NETRA_HTTP_ROUTING_ENABLED"),
    routingHeader: read.value("NETRA_HTTP_ROUTING_HEADER_NAME", "X-Route", env.headerName),
    routingByCookie: read.flag("NETRA_HTTP_ROUTING_COOKIE_ENABLED"),
    routingCookie: read.text("NETRA_HTTP_ROUTING_COOKIE_NAME", "X-Route"),
    statsd: read.flag("NETRA_STATSD_ENABLED"),
    statsdAddress: read.text("NETRA_STATSD_ADDRESS", ""),
    statsdPrefix: read.text("NETRA_STATSD_PREFIX", ""),
    maxConnections: read.value("NETRA_MAX_CONNECTIONS", 0, env.integer(1, 1_000_000)),
    connectTimeoutMs: read.value("NETRA_CONNECT_TIMEOUT_MILLISECONDS", 0, notNegative),
    drainGraceMs: read.value("NETRA_DRAIN_GRACE_MILLISECONDS", 5000, notNegative),
    drainTimeoutMs: read.value("NETRA_DRAIN_TIMEOUT_MILLISECONDS", 25_000, notNegative),
    headTimeoutMs: read.value("NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS", 1000, interval),
    jaeger: jaeger.config,
  });
  read.problems.push(...jaeger.problems, ...portConflicts(config));
  read.warnings.push(...jaeger.warnings, ...jaeger.notYet.map(notYet));
  read.warnings.push(...NOT_YET.filter((name) => environment[name]).map(notYet));
  return {
    config: read.problems.length === 0 ? config : null,
    problems: read.problems,
    warnings: read.warnings,
  };
}

const interval = env.integer(1, 2_147_483_647);
const notNegative = env.integer(0, 2_147_483_647);

function notYet(name: string): string {
  return `${name} is set, but its feature is not part of this version yet: it has no effect`;
}

function findServiceName(read: Reader): string {
  const found =
    read.text("JAEGER_SERVICE_NAME", "") ||
    read.text("OTEL_SERVICE_NAME", "") ||
    serviceNameOfPod(read.environment.POD_NAMESPACE, read.environment.POD_NAME);
  if (!found) {
    read.problems.push(
      "no service name: give --service-name NAME, or set JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or POD_NAME",
    );
  }
  return found ?? "";
}

function portConflicts({ port, pprofPort, prometheusPort }: Config): string[] {
  const problems: string[] = [];
  const named = Object.entries({
    NETRA_PORT: port,
    NETRA_PPROF_PORT: pprofPort,
    NETRA_PROMETHEUS_PORT: prometheusPort,
  });
  for (const [i, [name, value]] of named.entries()) {
    const other = named.slice(0, i).find(([, v]) => v === value);
    if (other) problems.push(`${name}=${value} is the same port as ${other[0]}: each needs its own`);
  }
  return problems;
}

/** Reads variables one by one and collects what is wrong with them. Empty counts as unset. */
class Reader {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];

  constructor(readonly environment: Environment) {}

  value<T>(name: string, fallback: T, parse: env.Parser<T>): T {
    const text = this.environment[name];
    if (!text) return fallback;
    const value = parse(text);
    if (!(value instanceof env.Bad)) return value;
    this.problems.push(`${name}=${JSON.stringify(text)} is not ${value.expected}`);
    return fallback;
  }

  text(name: string, fallback: string): string {
    return this.environment[name] || fallback;
  }

  /** 0.10 took anything but `true` for off, so nothing here stops the start. */
  flag(name: string): boolean {
    const text = this.environment[name] || "false";
    if (text !== "true" && text !== "false") {
      this.warnings.push(`${name}=${JSON.stringify(text)} counts as off: only "true" turns it on`);
    }
    return text === "true";
  }

  /** `name:tag,name:tag`, split at the first colon; pairs that are none are skipped with a warning, as in 0.10. */
  tagMap(name: string, isName: (text: string) => boolean): TagMapping[] {
    const mappings: TagMapping[] = [];
    for (const pair of this.text(name, "").split(",").filter(Boolean)) {
      const colon = pair.indexOf(":");
      const mapping = { name: pair.slice(0, colon).trim(), tag: pair.slice(colon + 1).trim() };
      if (colon > 0 && mapping.tag && isName(mapping.name)) mappings.push(mapping);
      else this.warnings.push(`${name}: ${JSON.stringify(pair)} is not name:tag, skipped`);
    }
    return mappings;
  }
}
