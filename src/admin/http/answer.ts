/** What is sent for one request. One answer per connection, so a connection's end is the answer's end. */
export interface Answer {
  readonly status: Status;
  /** `text/plain; charset=utf-8` if absent. */
  readonly contentType?: string;
  readonly body: string | Uint8Array;
  /** Of a 405: the methods that there are. */
  readonly allow?: string;
}

/** Those that are used, with their reason phrases (RFC 9110 section 15). */
const REASONS = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  411: "Length Required",
  413: "Content Too Large",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

export type Status = keyof typeof REASONS;

/** A line of text as an answer. */
export function text(status: Status, line: string): Answer {
  return { status, body: `${line}\n` };
}

/** The answer to a method that a path does not have (RFC 9110 section 15.5.6). */
export function wrongMethod(allow: string): Answer {
  return { ...text(405, `only ${allow}`), allow };
}

/**
 * The bytes of `answer`, piece by piece: a large body is not copied. To HEAD it is sent without. What is answered here
 * is of this moment, so nothing may keep it.
 */
export function encodeAnswer({ status, contentType, body, allow }: Answer, isHead: boolean): Uint8Array[] {
  const content = typeof body === "string" ? Buffer.from(body) : body;
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `Content-Type: ${contentType ?? "text/plain; charset=utf-8"}`,
    `Content-Length: ${content.byteLength}`,
    ...(allow === undefined ? [] : [`Allow: ${allow}`]),
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
    "\r\n",
  ].join("\r\n");
  return isHead ? [Buffer.from(head)] : [Buffer.from(head), content];
}
