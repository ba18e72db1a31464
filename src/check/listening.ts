import type { TryToListen } from "./ports.ts";

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there",
  EACCES: "this user may not use ports that low",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** Listens for a moment, as the sidecar would; `ip` null means every address. */
export const tryToListen: TryToListen = (ip, port) => {
  try {
    Bun.listen({ hostname: ip ?? "::", port, socket: { data() {} } }).stop(true);
    return null;
  } catch (error) {
    return explainListening((error as NodeJS.ErrnoException).code ?? "unknown");
  }
};

/** The code of an error of listen(2) or bind(2) in words. */
export function explainListening(code: string): string {
  return CAUSES[code] ?? code;
}
