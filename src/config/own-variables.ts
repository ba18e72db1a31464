/** The variables of the sidecar itself: names, defaults and meanings are netramesh 0.10's where it had them. */
import { APP_HEALTH, appProbes, MAX_PROBES } from "../admin/app-probes.ts";
import * as env from "../env.ts";
import { LOG_LEVELS } from "../log.ts";
import { cookieTags, headerTags } from "./tag-map.ts";
import { variable } from "./variable.ts";

const logLevel = env.oneOf(...LOG_LEVELS);
const ports = env.map(env.listOf(env.port), (list): ReadonlySet<number> => new Set(list));
const atLeastOneMs = env.integer(1, env.LONGEST_MS);
const notNegativeMs = env.integer(0, env.LONGEST_MS);
/** 0.10 never swept at zero and less (go-cache `NewFrom`). */
const sweepMs = env.map(env.millis, (ms) => (ms > 0 ? ms : env.LONGEST_MS));
const workers: env.Parser<number | "auto"> = (text) => {
  const count = text.toLowerCase() === "auto" ? "auto" : env.integer(1, 64)(text);
  return count instanceof env.Bad ? new env.Bad(`auto or ${count.expected}`) : count;
};
/** Paths are compared as they are, so every text is a list of them. */
const paths = (text: string): ReadonlySet<string> => new Set(env.splitList(text));

export const NETWORK = {
  NETRA_PORT: variable({
    default: "14956",
    value: "port",
    means: "where the sidecar listens, on all addresses of both families",
    readBy: ["sidecar", "init"],
    parse: env.port,
  }),
  NETRA_PPROF_HOST: variable({
    default: "127.0.0.1",
    value: "IP address",
    means: "where profiling, and all else that reveals or changes something, listens",
    parse: env.ip,
  }),
  NETRA_PPROF_PORT: variable({
    default: "14957",
    value: "port",
    means: "the port of profiling and of all else that reveals or changes something",
    readBy: ["sidecar", "init"],
    parse: env.port,
  }),
  NETRA_PROMETHEUS_PORT: variable({
    default: "14958",
    value: "port",
    means: "the port of metrics and health, on all addresses",
    readBy: ["sidecar", "init"],
    parse: env.port,
  }),
  NETRA_MAX_CONNECTIONS: variable({
    default: "from the file limit",
    value: "whole number from 1 to 1000000",
    means: "above it new connections are reset; at most (soft file limit - 64) / 2, 20000 if unset",
    parse: env.integer(1, 1_000_000),
    unset: 0,
  }),
  NETRA_WORKERS: variable<number | "auto">({
    default: "1",
    value: "whole number from 1 to 64, or auto",
    means: "how many event loops share the connections; auto: as many as whole cores may be used",
    parse: workers,
  }),
  NETRA_CONNECT_TIMEOUT_MILLISECONDS: variable({
    default: "0",
    value: "milliseconds, 0: the kernel's own",
    means: "when dialling is given up earlier than the kernel does",
    parse: notNegativeMs,
  }),
  NETRA_DRAIN_GRACE_MILLISECONDS: variable({
    default: "5000",
    value: "milliseconds",
    means: "how long a draining sidecar goes on accepting at least",
    parse: notNegativeMs,
  }),
  NETRA_DRAIN_TIMEOUT_MILLISECONDS: variable({
    default: "25000",
    value: "milliseconds",
    means: "how long draining takes at most; connections still open are reset then",
    parse: notNegativeMs,
  }),
  NETRA_APP_PROBES: variable({
    default: "none",
    value: 'JSON: {"container/kind": {"port": 3306, "host": "10.0.0.1", "timeoutSeconds": 1}}',
    means: `what ${APP_HEALTH}container/kind on the metrics port dials, at most ${MAX_PROBES}; without a host the pod's own address`,
    parse: appProbes,
    unset: new Map(),
  }),
  POD_IP: variable<string | null>({
    default: "from the network interfaces",
    value: "IP address",
    means: "the pod's own address, which NETRA_APP_PROBES without a host are dialled at",
    parse: env.ip,
    unset: null,
  }),
};

export const HTTP = {
  NETRA_HTTP_PORTS: variable({
    default: "none",
    value: "comma list of ports",
    means: "original destination ports that carry HTTP/1; others are opaque",
    parse: ports,
    unset: new Set<number>(),
  }),
  NETRA_HTTP_AUTODETECT: variable({
    default: "false",
    value: "true or false",
    means: "find out which other ports carry HTTP/1, at no cost in latency for what is not",
    parse: env.bool,
  }),
  NETRA_OPAQUE_PORTS: variable({
    default: "none",
    value: "comma list of ports",
    means: "ports that detection leaves alone",
    parse: ports,
    unset: new Set<number>(),
  }),
  NETRA_HTTP_HEAD_TIMEOUT_MILLISECONDS: variable({
    default: "1000",
    value: "milliseconds from 1",
    means: "how long an incomplete request head is held back at most",
    parse: atLeastOneMs,
  }),
  NETRA_HTTP_REQUEST_ID_HEADER_NAME: variable({
    default: "X-Request-Id",
    value: "header name that HTTP and trace propagation leave free",
    means: "the header that ties outbound to inbound requests; added (UUID v4) where it is missing or empty",
    parse: env.ownHeaderName,
  }),
  NETRA_HTTP_X_SOURCE_HEADER_NAME: variable({
    default: "X-Source",
    value: "header name that HTTP and trace propagation leave free",
    means: "the header that is set on every outbound request",
    parse: env.ownHeaderName,
  }),
  NETRA_HTTP_X_SOURCE_VALUE: variable({
    default: "netra",
    value: "header value",
    means: "the value that header is set to",
    parse: env.headerValue,
  }),
  NETRA_HTTP_ROUTING_ENABLED: variable({
    default: "false",
    value: "true or false",
    means: "send outbound requests where the routing header says",
    live: true,
    parse: env.onSwitch,
  }),
  NETRA_HTTP_ROUTING_HEADER_NAME: variable({
    default: "X-Route",
    value: "header name that HTTP and trace propagation leave free",
    means: "the header with routes, such as host1=host2,host3=host4:8080",
    parse: env.ownHeaderName,
  }),
  NETRA_HTTP_ROUTING_COOKIE_ENABLED: variable({
    default: "false",
    value: "true or false",
    means: "look for routes in a cookie before the header",
    live: true,
    parse: env.onSwitch,
  }),
  NETRA_HTTP_ROUTING_COOKIE_NAME: variable({
    default: "X-Route",
    value: "cookie name",
    means: "the cookie with routes",
    parse: env.anyText,
  }),
  NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS: variable({
    default: "5000",
    value: "milliseconds, 0 or less: until the store is full",
    means: "how long an inbound request's routes are remembered for its outbound requests",
    parse: env.millis,
  }),
  NETRA_ROUTING_CONTEXT_CLEANUP_INTERVAL: variable({
    default: "1000",
    value: "milliseconds, 0 or less: never",
    means: "time between sweeps of routes that have expired",
    parse: sweepMs,
  }),
};

export const OBSERVING = {
  NETRA_LOGGER_LEVEL: variable({
    default: "info",
    value: "debug, info, warning, error or fatal",
    means: "the least severe lines that are logged",
    live: true,
    parse: logLevel,
  }),
  NETRA_LOG_FORMAT: variable({
    default: "auto",
    value: "auto, text or json",
    means: "what the log's lines are; auto: text on a terminal, else JSON",
    parse: env.oneOf("auto", "text", "json"),
  }),
  NETRA_ACCESS_LOG: variable({
    default: "off",
    value: "off, json or common",
    means: "one line on stdout for each exchange, as a JSON object or in the common log format",
    live: true,
    parse: env.oneOf("off", "json", "common"),
  }),
  NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS: variable({
    default: "5000",
    value: "milliseconds, 0 or less: until the store is full",
    means: "how long an inbound request's id is remembered once its response has ended",
    parse: env.millis,
  }),
  NETRA_TRACING_CONTEXT_CLEANUP_INTERVAL: variable({
    default: "1000",
    value: "milliseconds, 0 or less: never",
    means: "time between sweeps of request ids that have expired",
    parse: sweepMs,
  }),
  NETRA_CONTEXT_MAX_ENTRIES: variable({
    default: "100000",
    value: "whole number from 1 to 10000000",
    means: "how many request ids, and routes, are remembered; the oldest go first",
    parse: env.integer(1, 10_000_000),
  }),
  NETRA_HTTP_TRACING_IGNORED_PATHS: variable({
    default: "none",
    value: "comma list of paths",
    means: "requests whose decoded path, without query, is exactly one of these have no span",
    live: true,
    parse: paths,
    unset: new Set<string>(),
  }),
  HTTP_HEADER_TAG_MAP: variable({
    default: "none",
    value: "comma list of name:tag",
    means: "headers that become span tags",
    live: true,
    parse: headerTags,
    unset: [],
  }),
  HTTP_COOKIE_TAG_MAP: variable({
    default: "none",
    value: "comma list of name:tag",
    means: "cookies that become span tags",
    live: true,
    parse: cookieTags,
    unset: [],
  }),
  NETRA_ROUTES: variable({
    default: "auto",
    value: "auto or off",
    means: "whether metrics tell requests apart by routes, which are guessed from their paths",
    parse: env.oneOf("auto", "off"),
  }),
  NETRA_METRICS_MAX_SERIES: variable({
    default: "1000",
    value: "whole number from 1 to 10000",
    means: "how many label sets a family of metrics has at most; requests beyond count as _other",
    parse: env.integer(1, 10_000),
  }),
  NETRA_METRICS_IDLE_MILLISECONDS: variable({
    default: "600000",
    value: "milliseconds from 1",
    means: "how long a label set stays in which no request is counted any more",
    parse: atLeastOneMs,
  }),
  NETRA_STATSD_ENABLED: variable({
    default: "false",
    value: "true or false",
    means: "count the inbound exchanges of each status at a statsd daemon",
    parse: env.onSwitch,
  }),
  NETRA_STATSD_ADDRESS: variable({
    default: "none",
    value: "host:port",
    means: "the statsd daemon, by UDP",
    parse: env.anyText,
    unset: "",
  }),
  NETRA_STATSD_PREFIX: variable({
    default: "none",
    value: "text",
    means: "what every metric's name begins with at the statsd daemon",
    parse: env.anyText,
    unset: "",
  }),
};

export const RELOADING = {
  NETRA_CONFIG_FILE: variable({
    default: "none",
    value: "path",
    means:
      "a YAML or JSON file with further variables, read again when it changes; the environment wins over it",
    parse: env.anyText,
    unset: "",
  }),
};

export const OWN = { ...NETWORK, ...HTTP, ...OBSERVING, ...RELOADING };
