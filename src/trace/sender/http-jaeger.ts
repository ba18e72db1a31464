import type { CollectorConfig } from "../jaeger-env.ts";
import type { HttpDestination } from "./http-post.ts";

/** jaeger-client-go transport/http.go `defaultHTTPTimeout`. */
const TIMEOUT_MS = 5000;

/** A Jaeger collector takes a `BinaryBatch` at the URL as given. */
export function jaegerDestination({ url, user, password }: CollectorConfig): HttpDestination {
  const headers = { "content-type": "application/x-thrift", "user-agent": "netramesh" };
  const credentials = Buffer.from(`${user}:${password}`).toString("base64");
  return {
    name: "the Jaeger collector",
    url,
    headers: user === "" ? headers : { ...headers, authorization: `Basic ${credentials}` },
    timeoutMs: TIMEOUT_MS,
    gzip: false,
    certificateFile: null,
  };
}
