/**
 * Why a fetch has failed, for the operator: Bun's own texts advise the programmer, and some repeat the URL with its
 * query. `certificateFile` is what the server was to be checked against, null for the system's authorities.
 */
export function explainNoAnswer(error: unknown, certificateFile: string | null): string {
  const { code, message = String(error) } = error as { code?: unknown; message?: string };
  switch (code) {
    case "ECONNREFUSED":
      return "no connection";
    case "FailedToOpenSocket":
      return certificateFile === null
        ? "no connection"
        : `no connection, or ${certificateFile} is no PEM file`;
    case "ECONNRESET":
      return "the connection broke";
    default:
      return message.replace(/ fetching ".*/s, "");
  }
}
