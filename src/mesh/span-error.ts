import type { Exchange } from "./exchange.ts";

/** The connection ended, or could not be followed, before a final status was seen. */
export function isBroken({ outcome, status }: Exchange): boolean {
  return outcome === "aborted" || outcome === "client-left" || (outcome === "unreadable" && status === 0);
}

/** netramesh 0.10: the server failed, on whichever side we stand. */
export function isServerError({ status }: Exchange): boolean {
  return status >= 500;
}

/** OpenTelemetry: what the server refuses is the client's error too (semantic conventions for HTTP spans, "Status"). */
export function isOtelError({ conn, status }: Exchange): boolean {
  return status >= (conn.direction === "inbound" ? 500 : 400);
}
