/**
 * The JAEGER_* variables, with the names, types and defaults of jaeger-client-go 2.30 (config/config_env.go). Not
 * jaeger-client's for Node: that one lacks or reads differently 13 of the 21.
 */
import {
  Bad,
  type Environment,
  EnvReader,
  formatProblem,
  goBool,
  goDuration,
  integer,
  oneOf,
  type Parser,
  port,
} from "../env.ts";
import { goFloat } from "./go-float.ts";
import { parseJaegerTags } from "./jaeger-tags.ts";
import type { ProcessTag } from "./process.ts";
import { shownEndpoint } from "./sampler/endpoint.ts";
import type { SamplerConfig } from "./sampler/sampler.ts";

export interface RemoteSamplingConfig {
  /** Asked for the strategy, with `?service=` added. */
  readonly endpoint: string;
  readonly maxOperations: number;
  readonly refreshIntervalMs: number;
}

export interface AgentConfig {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Resolve the name again every `reconnectIntervalMs`; else once. */
  readonly reconnect: boolean;
  readonly reconnectIntervalMs: number;
}

/** The collector that spans are posted to instead of the agent. */
export interface CollectorConfig {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface JaegerConfig {
  readonly disabled: boolean;
  readonly traceId128: boolean;
  readonly tags: readonly ProcessTag[];
  readonly sampler: SamplerConfig;
  readonly remoteSampling: RemoteSamplingConfig;
  readonly maxQueueSize: number;
  readonly flushIntervalMs: number;
  readonly logSpans: boolean;
  readonly agent: AgentConfig;
  readonly collector: CollectorConfig | null;
}

export interface ParsedJaegerEnv {
  /** Defaults stand in for what is wrong; not to be used if there are problems. */
  readonly config: JaegerConfig;
  /** What stops the start: variable, value, what would be right. */
  readonly problems: readonly string[];
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

/** What holds where no JAEGER_* variable says otherwise. */
export interface JaegerDefaults {
  readonly sampler: SamplerConfig;
  readonly traceId128: boolean;
}

const GO_DEFAULTS: JaegerDefaults = { sampler: { type: "remote", param: 0 }, traceId128: false };

/** Go's 100 is what may wait for its encoder; here it is what may wait for a collector, in batches of 100. */
const MAX_QUEUED_SPANS = 2048;

const int: Parser<number> = integer(-2_147_483_648, 2_147_483_647);

/** Parses all JAEGER_* variables but JAEGER_SERVICE_NAME. Empty counts as unset. */
export function parseJaegerEnv(env: Environment, defaults: JaegerDefaults = GO_DEFAULTS): ParsedJaegerEnv {
  const read = new EnvReader(env);
  read.value("JAEGER_RPC_METRICS", false, goBool); // no effect in 0.10 either, but a wrong value is an error
  const agentHost = read.value<string | null>("JAEGER_AGENT_HOST", null, host);
  const config: JaegerConfig = Object.freeze({
    disabled: read.value("JAEGER_DISABLED", false, goBool),
    traceId128: read.value("JAEGER_TRACEID_128BIT", defaults.traceId128, goBool),
    tags: Object.freeze(env.JAEGER_TAGS ? parseJaegerTags(env.JAEGER_TAGS, env, read.warnings) : []),
    sampler: Object.freeze(readSampler(read, defaults.sampler)),
    remoteSampling: Object.freeze(readRemoteSampling(read, agentHost ?? "127.0.0.1")),
    maxQueueSize: read.positive("JAEGER_REPORTER_MAX_QUEUE_SIZE", MAX_QUEUED_SPANS, int),
    flushIntervalMs: read.positive("JAEGER_REPORTER_FLUSH_INTERVAL", 1000, goDuration),
    logSpans: read.value("JAEGER_REPORTER_LOG_SPANS", false, goBool),
    agent: Object.freeze(readAgent(read, agentHost ?? "localhost")),
    collector: readCollector(read),
  });
  warnIfNothingIsSampled(config, read.warnings);
  const problems = [...read.problems.map(formatProblem), ...credentialProblems(config.collector)];
  return { config, problems, warnings: read.warnings };
}

function readSampler(read: EnvReader, otherwise: SamplerConfig): SamplerConfig {
  if (!read.environment.JAEGER_SAMPLER_TYPE && !read.environment.JAEGER_SAMPLER_PARAM) return otherwise;
  const types = oneOf("const", "probabilistic", "ratelimiting", "remote");
  const type = read.value<SamplerConfig["type"]>("JAEGER_SAMPLER_TYPE", "remote", types);
  const isRate = type === "probabilistic" || type === "remote";
  return { type, param: read.value("JAEGER_SAMPLER_PARAM", 0, isRate ? rate : goFloat) };
}

const rate: Parser<number> = (text) => {
  const value = goFloat(text);
  const fits = !(value instanceof Bad) && value >= 0 && value <= 1;
  return fits ? value : new Bad("a number from 0 to 1, as this sampler type wants");
};

function readRemoteSampling(read: EnvReader, agentHost: string): RemoteSamplingConfig {
  const manager = managerUrl(read) ?? `http://${bracketed(agentHost)}:5778/sampling`;
  return {
    endpoint: read.value("JAEGER_SAMPLING_ENDPOINT", manager, httpUrl),
    maxOperations: read.positive("JAEGER_SAMPLER_MAX_OPERATIONS", 2000, int),
    refreshIntervalMs: read.positive("JAEGER_SAMPLER_REFRESH_INTERVAL", 60_000, goDuration),
  };
}

/** Despite its name Go wants a whole URL; `host:port` is what people write. Nothing here stopped 0.10. */
function managerUrl(read: EnvReader): string | null {
  const name = "JAEGER_SAMPLER_MANAGER_HOST_PORT";
  const text = read.environment[name];
  if (!text) return null;
  const isUrl = text.includes("://");
  const url = httpUrl(isUrl ? text : `http://${text}${text.includes("/") ? "" : "/sampling"}`);
  if (!(url instanceof Bad)) return url;
  read.warnings.push(`${name}=${JSON.stringify(text)} is not ${url.expected}, ignored`);
  return null;
}

function readAgent(read: EnvReader, host: string): AgentConfig {
  const reconnect = !read.value("JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED", false, goBool);
  const interval = "JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL";
  return {
    host,
    port: read.value("JAEGER_AGENT_PORT", 6831, agentPort),
    reconnect,
    reconnectIntervalMs: reconnect ? read.positive(interval, 30_000, goDuration) : 30_000,
  };
}

const agentPort: Parser<number> = (text) => {
  const value = port(text);
  if (!(value instanceof Bad) || !text.includes("://")) return value;
  return new Bad(
    `${value.expected} (Kubernetes sets this for a Service named jaeger-agent: use enableServiceLinks: false)`,
  );
};

function readCollector(read: EnvReader): CollectorConfig | null {
  const url = read.value("JAEGER_ENDPOINT", "", httpUrl);
  const user = read.environment.JAEGER_USER ?? "";
  const password = read.environment.JAEGER_PASSWORD ?? "";
  return url === "" ? null : Object.freeze({ url, user, password });
}

function credentialProblems(collector: CollectorConfig | null): string[] {
  if (collector === null || (collector.user === "") === (collector.password === "")) return [];
  const [set, unset] = collector.user ? ["USER", "PASSWORD"] : ["PASSWORD", "USER"];
  return [`JAEGER_${set} is set without JAEGER_${unset}: set both or neither`];
}

const httpUrl: Parser<string> = (text) => {
  const url = URL.parse(text);
  const isHttp = url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "";
  return isHttp ? text : new Bad("an absolute URL, such as http://collector:14268/api/traces");
};

function warnIfNothingIsSampled(config: JaegerConfig, warnings: string[]): void {
  const { disabled, sampler, remoteSampling } = config;
  if (disabled || sampler.param !== 0 || sampler.type === "ratelimiting") return;
  const remedy = "to trace every request set JAEGER_SAMPLER_TYPE=const and JAEGER_SAMPLER_PARAM=1";
  const endpoint = shownEndpoint(remoteSampling.endpoint);
  const why =
    sampler.type === "remote"
      ? `remote sampling from ${endpoint}, nothing is sampled until it answers`
      : "no new trace will be sampled: JAEGER_SAMPLER_PARAM is 0 (the default)";
  warnings.push(`${why}; ${remedy}`);
}

/** What sockets and URLs take alike; brackets of IPv6 are dropped. */
const host: Parser<string> = (text) => {
  const name = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const isHost = !/[\s/?#@%\\]/.test(name) && URL.canParse(`http://${bracketed(name)}`);
  return isHost ? name : new Bad("a name or an IP address, without port");
};

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
