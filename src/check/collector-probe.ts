/** Does an HTTP server answer? It is asked as the sender of spans would, by the same means, but nothing is sent. */
import { explainNoAnswer } from "../trace/sender/no-answer.ts";

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
    const isLate = (error as Error).name === "TimeoutError";
    return isLate ? `no answer within ${timeoutMs} ms` : explainNoAnswer(error, certificateFile);
  }
}
