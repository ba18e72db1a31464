/** How a log message becomes a line: words for people, or an object for programs. */

/** A message's severity. */
export type Severity = "debug" | "info" | "warn" | "error" | "fatal";

/** Makes a line with its line end. Bytes that a peer chose must neither forge lines nor move a terminal's cursor. */
export type LineFormat = (at: Date, severity: Severity, message: string) => string;

const MAX_MESSAGE_CHARS = 8192;

/** `TIME LEVEL message`. Lines of a stack are joined by ` | `. */
export const textLine: LineFormat = (at, severity, message) => {
  const text = message
    .slice(0, MAX_MESSAGE_CHARS)
    .replace(/\s*[\r\n]+\s*/g, " | ")
    .replace(/\p{Cc}|[\u2028\u2029]/gu, "?");
  return `${at.toISOString()} ${severity.toUpperCase().padEnd(5)} ${text}\n`;
};

/** An object on one line: `time` (RFC 3339), `level` as NETRA_LOGGER_LEVEL has it, `message`, and `service` if it has a name. */
export function jsonLine(service: string): LineFormat {
  return (at, severity, message) => {
    // What JSON leaves as it is but a terminal or a reader of lines may not.
    const text = message.slice(0, MAX_MESSAGE_CHARS).replace(/[\u007f-\u009f\u2028\u2029]/g, "?");
    const level = severity === "warn" ? "warning" : severity;
    return `${JSON.stringify({ time: at.toISOString(), level, message: text, service: service || undefined })}\n`;
  };
}
