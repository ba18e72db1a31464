/**
 * The OTEL_* variables that concern a sidecar (opentelemetry.io/docs/specs/otel, "Environment Variable Specification"
 * and "OpenTelemetry Protocol Exporter"). Unlike there, a value that cannot be meant is a problem: a configuration that
 * holds by half is worse than none.
 */
import {
  Bad,
  bool,
  decimal,
  type Environment,
  EnvReader,
  formatProblem,
  headerName,
  headerValue,
  integer,
  LONGEST_MS,
  oneOf,
  type Parser,
  splitList,
} from "../env.ts";
import type { ProcessTag } from "./process.ts";

export type OtlpProtocol = "http/protobuf" | "http/json";

/** Where and how OTLP is sent. */
export interface OtlpConfig {
  /** Whole, as it is posted to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly protocol: OtlpProtocol;
  /** A PEM file with the authorities to trust instead of the system's. */
  readonly certificateFile: string | null;
}

/** What OTEL_TRACES_SAMPLER says, in Jaeger's words; a parent's decision is followed in any case. */
export interface OtelSampler {
  readonly type: "const" | "probabilistic";
  readonly param: number;
}

export interface OtelConfig {
  readonly disabled: boolean;
  readonly exporter: "otlp" | "jaeger" | "none" | null;
  /** True when an endpoint was given; `otlp` has the default one otherwise. */
  readonly hasEndpoint: boolean;
  readonly otlp: OtlpConfig;
  /** `service.name` may be among them. */
  readonly resourceAttributes: readonly ProcessTag[];
  readonly sampler: OtelSampler | null;
  /** How long a span may wait for company. */
  readonly flushIntervalMs: number;
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
}

export interface ParsedOtelEnv {
  /** Defaults stand in for what is wrong; not to be used if there are problems. */
  readonly config: OtelConfig;
  /** What stops the start: variable, value, what would be right. */
  readonly problems: readonly string[];
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

const OTLP = "OTEL_EXPORTER_OTLP_";
const TRACES_PATH = "v1/traces";
const UNSUPPORTED = ["CLIENT_KEY", "CLIENT_CERTIFICATE"];
const count: Parser<number> = integer(1, 1_000_000);
const waitMs: Parser<number> = integer(0, LONGEST_MS);

/** Parses all OTEL_* variables but OTEL_SERVICE_NAME and OTEL_PROPAGATORS. Empty counts as unset. */
export function parseOtelEnv(env: Environment): ParsedOtelEnv {
  const read = new EnvReader(env);
  const maxQueueSize = read.value("OTEL_BSP_MAX_QUEUE_SIZE", 2048, count);
  const config: OtelConfig = Object.freeze({
    disabled: read.value("OTEL_SDK_DISABLED", false, bool),
    exporter: read.value<OtelConfig["exporter"]>("OTEL_TRACES_EXPORTER", null, exporter),
    hasEndpoint: Boolean(env[`${OTLP}TRACES_ENDPOINT`] || env[`${OTLP}ENDPOINT`]),
    otlp: Object.freeze(readOtlp(read)),
    resourceAttributes: Object.freeze(readResourceAttributes(read)),
    sampler: readSampler(read),
    flushIntervalMs: read.positive("OTEL_BSP_SCHEDULE_DELAY", 5000, waitMs),
    maxQueueSize,
    maxBatchSize: Math.min(maxQueueSize, read.value("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, count)),
  });
  return { config, problems: read.problems.map(formatProblem), warnings: read.warnings };
}

const exporter = oneOf("otlp", "jaeger", "none");

function readOtlp(read: EnvReader): OtlpConfig {
  const compression = read.value(traces(read, "COMPRESSION"), "none", oneOf("gzip", "none"));
  for (const name of UNSUPPORTED.map((suffix) => traces(read, suffix))) {
    if (read.environment[name])
      read.warnings.push(`${name} is ignored: client certificates are not supported`);
  }
  return {
    url: readUrl(read),
    headers: Object.freeze(readHeaders(read)),
    timeoutMs: read.positive(traces(read, "TIMEOUT"), 10_000, waitMs),
    gzip: compression === "gzip",
    protocol: read.value(traces(read, "PROTOCOL"), "http/protobuf", protocol),
    certificateFile: read.text(traces(read, "CERTIFICATE"), "") || null,
  };
}

/** The variable that counts: the one for traces if it is set, else the one for all signals. */
function traces({ environment }: EnvReader, suffix: string): string {
  return environment[`${OTLP}TRACES_${suffix}`] ? `${OTLP}TRACES_${suffix}` : `${OTLP}${suffix}`;
}

const protocol: Parser<OtlpProtocol> = (text) => {
  const hint =
    text.toLowerCase() === "grpc" ? " (gRPC is not supported; collectors take HTTP on port 4318)" : "";
  const value = oneOf<OtlpProtocol>("http/protobuf", "http/json")(text);
  return value instanceof Bad ? new Bad(`${value.expected}${hint}`) : value;
};

/** The endpoint for all signals is a base, the one for traces is used as it is. */
function readUrl(read: EnvReader): string {
  const base = read.value(`${OTLP}ENDPOINT`, "http://localhost:4318", endpoint);
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/*$/, `/${TRACES_PATH}`);
  const whole = read.value(`${OTLP}TRACES_ENDPOINT`, url.href, endpoint);
  if (new URL(whole).port === "4317") {
    read.warnings.push(
      `${traces(read, "ENDPOINT")} names port 4317, where collectors take gRPC; HTTP is on 4318`,
    );
  }
  return whole;
}

const endpoint: Parser<string> = (text) => {
  const url = URL.parse(text);
  const isHttp = url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "";
  return isHttp ? text : new Bad("an absolute URL, such as http://collector:4318");
};

/** Values are often secrets: a wrong one is not repeated. */
function readHeaders(read: EnvReader): Record<string, string> {
  const variable = traces(read, "HEADERS");
  const headers: Record<string, string> = {};
  for (const [key, value] of pairs(read.text(variable, ""))) {
    const name = headerName(key ?? "");
    const content = headerValue(value ?? "");
    if (name instanceof Bad || content instanceof Bad) {
      const shown = key === null ? "..." : `${key}=...`;
      read.problems.push({
        variable,
        value: shown,
        expected: "a list name=value,name=value of header fields",
      });
    } else headers[name.toLowerCase()] = content;
  }
  return headers;
}

function readResourceAttributes(read: EnvReader): ProcessTag[] {
  const variable = "OTEL_RESOURCE_ATTRIBUTES";
  const attributes: ProcessTag[] = [];
  for (const [key, value, pair] of pairs(read.text(variable, ""))) {
    if (key !== null && value !== null) attributes.push({ key, value });
    else read.warnings.push(`${variable}: ${JSON.stringify(pair)} is not key=value, skipped`);
  }
  return attributes;
}

/** Key, value and whole of each item of a list in W3C Baggage's form; null for a key or value that is none. */
function* pairs(text: string): Generator<[key: string | null, value: string | null, pair: string]> {
  for (const pair of splitList(text)) {
    const equals = pair.indexOf("=");
    const key = equals < 1 ? null : percentDecoded(pair.slice(0, equals).trim());
    const value = percentDecoded(pair.slice(equals + 1).trim());
    yield [key, value, pair];
  }
}

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const SAMPLERS = ["always_on", "always_off", "traceidratio"] as const;

function readSampler(read: EnvReader): OtelSampler | null {
  const names = SAMPLERS.flatMap((name) => [name, `parentbased_${name}`]);
  const name = read.value<string>("OTEL_TRACES_SAMPLER", "", oneOf(...names));
  if (name === "") return null;
  if (!name.endsWith("traceidratio")) return { type: "const", param: name.endsWith("on") ? 1 : 0 };
  return { type: "probabilistic", param: read.value("OTEL_TRACES_SAMPLER_ARG", 1, decimal(0, 1)) };
}
