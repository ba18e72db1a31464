import type { OtlpConfig } from "../otel-env.ts";
import type { HttpDestination } from "./http-post.ts";

const CONTENT_TYPES = { "http/protobuf": "application/x-protobuf", "http/json": "application/json" } as const;

/** An OTLP collector takes an `OtlpProtobufBatch` or an `OtlpJsonBatch`, as `protocol` says. */
export function otlpDestination(config: OtlpConfig): HttpDestination {
  const { url, headers, timeoutMs, gzip, protocol, certificateFile } = config;
  return {
    name: "the OTLP collector",
    url,
    headers: { "user-agent": "netramesh", ...headers, "content-type": CONTENT_TYPES[protocol] },
    timeoutMs,
    gzip,
    certificateFile,
  };
}
