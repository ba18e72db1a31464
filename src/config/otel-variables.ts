/** The OTEL_* variables that concern a sidecar; trace/otel-env.ts parses them. */
import type { Description, Table } from "./variable.ts";

const URL = "absolute URL";
const GZIP = "gzip or none";
const HTTP = "http/protobuf or http/json";
const HEADERS = "comma list of name=value, percent-encoded";
const FILE = "path of a PEM file";

export const OTEL = {
  OTEL_SERVICE_NAME: {
    default: "from POD_NAMESPACE and POD_NAME",
    value: "text",
    means: "the service's name in traces, if neither --service-name nor JAEGER_SERVICE_NAME says",
  },
  OTEL_SDK_DISABLED: {
    default: "false",
    value: "true or false",
    means: "pass traffic, but write no context and make no span",
  },
  OTEL_PROPAGATORS: {
    default: "jaeger,tracecontext",
    value: "comma list of jaeger, tracecontext, b3, b3multi, or none",
    means: "the formats of contexts where NETRA_PROPAGATORS does not say; ignored if it names others",
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    default: "none",
    value: "comma list of key=value, percent-encoded",
    means: "attributes of the resource that OTLP says spans come from",
  },
  OTEL_TRACES_EXPORTER: {
    default: "from the endpoints that are set",
    value: "otlp, jaeger or none",
    means: "how spans are sent; JAEGER_ENDPOINT wins over it",
  },
  OTEL_TRACES_SAMPLER: {
    default: "none",
    value: "always_on, always_off or traceidratio, parentbased_ or not",
    means: "the sampler where no JAEGER_SAMPLER_TYPE or JAEGER_SAMPLER_PARAM is set",
    live: true,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    default: "1",
    value: "number from 0 to 1",
    means: "the share that traceidratio records",
    live: true,
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    default: "5000",
    value: "milliseconds",
    means: "how long a span may wait for company on its way by OTLP",
  },
  OTEL_BSP_MAX_QUEUE_SIZE: {
    default: "2048",
    value: "whole number from 1 to 1000000",
    means: "how many spans may wait to be sent by OTLP",
  },
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: {
    default: "512",
    value: "whole number from 1 to 1000000",
    means: "how many spans go into one OTLP request at most",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    default: "http://localhost:4318, if spans go by OTLP",
    value: URL,
    means: "the base that v1/traces is added to; if it is set, spans go by OTLP",
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    default: "from OTEL_EXPORTER_OTLP_ENDPOINT",
    value: URL,
    means: "the whole URL that spans are posted to; if it is set, spans go by OTLP",
  },
  ...signal("PROTOCOL", { default: "http/protobuf", value: HTTP, means: "how OTLP is encoded" }),
  ...signal("HEADERS", { default: "none", value: HEADERS, means: "headers of OTLP requests", secret: true }),
  ...signal("TIMEOUT", { default: "10000", value: "milliseconds", means: "how long OTLP requests may take" }),
  ...signal("COMPRESSION", { default: "none", value: GZIP, means: "how OTLP requests are compressed" }),
  ...signal("CERTIFICATE", {
    default: "the system's",
    value: FILE,
    means: "the authorities that OTLP's server is checked against",
  }),
  ...signal("CLIENT_KEY", { default: "none", value: FILE, means: "not supported; a warning if it is set" }),
  ...signal("CLIENT_CERTIFICATE", {
    default: "none",
    value: FILE,
    means: "not supported; a warning if it is set",
  }),
} satisfies Table;

/** A variable for all signals, and the one for traces alone that wins over it. */
function signal(suffix: string, description: Description): Table {
  return {
    [`OTEL_EXPORTER_OTLP_${suffix}`]: description,
    [`OTEL_EXPORTER_OTLP_TRACES_${suffix}`]: { ...description, default: `OTEL_EXPORTER_OTLP_${suffix}` },
  };
}
