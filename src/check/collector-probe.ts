/** Does an HTTP server answer? It is asked as the sender of spans would, by the same means, but nothing is sent. */

export interface HttpAnswer {
  readonly status: number;
  /** The server's clock, by its field Date (RFC 9110 section 6.6.1), whole seconds; null if it has none. */
  readonly dateAtMs: number | null;
}

/** The answer to HEAD, or why there is none. Redirects are answers. */
export async function probeCollector(
  url: string,
  certificateFile: string | null,
  timeoutMs: number,
): Promise<HttpAnswer | string> {
  try {
    const response = await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      keepalive: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "user-agent": "netramesh" },
      ...(certificateFile === null ? {} : { tls: { ca: Bun.file(certificateFile) } }),
    });
    const dateAtMs = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, dateAtMs: Number.isNaN(dateAtMs) ? null : dateAtMs };
  } catch (error) {
    return explain(error, timeoutMs);
  }
}

/** Bun's own texts advise the programmer. */
function explain(error: unknown, timeoutMs: number): string {
  const {
    name,
    code,
    message = String(error),
  } = error as { name?: string; code?: unknown; message?: string };
  if (name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  if (code === "ConnectionRefused" || code === "ECONNREFUSED" || code === "FailedToOpenSocket")
    return "no connection";
  return code === "ECONNRESET" ? "the connection broke" : message;
}
