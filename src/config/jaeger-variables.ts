/** The JAEGER_* variables, with jaeger-client-go 2.30's meanings; trace/jaeger-env.ts parses them. */
import type { Table } from "./variable.ts";

const BOOL = "true or false, as Go spells them";
const DURATION = "duration with unit, such as 500ms or 1m30s";

export const JAEGER = {
  JAEGER_SERVICE_NAME: {
    default: "OTEL_SERVICE_NAME",
    value: "text",
    means: "the service's name in traces, if --service-name does not say",
  },
  JAEGER_DISABLED: {
    default: "false",
    value: BOOL,
    means: "pass traffic, but write no context and make no span",
  },
  JAEGER_RPC_METRICS: {
    default: "false",
    value: BOOL,
    means: "has no effect, as in 0.10, but a wrong value stops the start",
  },
  JAEGER_TRACEID_128BIT: {
    default: "true if the propagators include tracecontext",
    value: BOOL,
    means: "new traces have ids of 128 bits instead of 64",
  },
  JAEGER_TAGS: {
    default: "none",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how jaeger-client-go spells a reference
    value: "comma list of key=value; a value ${NAME:otherwise} is another variable's",
    means: "tags of the process, which every span carries",
  },
  JAEGER_SAMPLER_TYPE: {
    default: "remote",
    value: "const, probabilistic, ratelimiting or remote",
    means: "who decides which new traces are recorded",
    live: true,
  },
  JAEGER_SAMPLER_PARAM: {
    default: "0",
    value: "number",
    means:
      "const: 0 none, else all; probabilistic: share; ratelimiting: traces per second; remote: share at first",
    live: true,
  },
  JAEGER_SAMPLING_ENDPOINT: {
    default: "http://JAEGER_AGENT_HOST:5778/sampling",
    value: "absolute URL",
    means: "who is asked for remote sampling's strategy",
    live: true,
  },
  JAEGER_SAMPLER_MANAGER_HOST_PORT: {
    default: "none",
    value: "host:port or absolute URL",
    means: "an older name of JAEGER_SAMPLING_ENDPOINT, which wins",
    live: true,
  },
  JAEGER_SAMPLER_MAX_OPERATIONS: {
    default: "2000",
    value: "whole number from 1",
    means: "how many operations remote sampling tells apart",
    live: true,
  },
  JAEGER_SAMPLER_REFRESH_INTERVAL: {
    default: "1m",
    value: DURATION,
    means: "time between questions for the sampling strategy",
    live: true,
  },
  JAEGER_REPORTER_MAX_QUEUE_SIZE: {
    default: "2048",
    value: "whole number from 1",
    means: "how many spans may wait for the collector",
  },
  JAEGER_REPORTER_FLUSH_INTERVAL: {
    default: "1s",
    value: DURATION,
    means: "how long a span may wait for company",
  },
  JAEGER_REPORTER_LOG_SPANS: { default: "false", value: BOOL, means: "log each span that is reported" },
  JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED: {
    default: "false",
    value: BOOL,
    means: "look the agent's name up once instead of again and again",
  },
  JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL: {
    default: "30s",
    value: DURATION,
    means: "time between look-ups of the agent's name",
  },
  JAEGER_AGENT_HOST: {
    default: "localhost, for remote sampling 127.0.0.1",
    value: "name or IP address, without port",
    means: "the agent that spans go to by UDP, and that is asked for the sampling strategy",
  },
  JAEGER_AGENT_PORT: { default: "6831", value: "port", means: "the agent's UDP port for compact Thrift" },
  JAEGER_ENDPOINT: {
    default: "none",
    value: "absolute URL",
    means: "the collector that spans are posted to, as Thrift, instead of the agent",
  },
  JAEGER_USER: { default: "none", value: "text", means: "user name for the collector" },
  JAEGER_PASSWORD: { default: "none", value: "text", means: "password for the collector", secret: true },
} as const satisfies Table;
