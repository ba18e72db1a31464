import { explainListening } from "../listen-causes.ts";
import type { TryToListen } from "./ports.ts";

/** Listens for a moment, as the sidecar would; `ip` null means every address. */
export const tryToListen: TryToListen = (ip, port) => {
  try {
    Bun.listen({ hostname: ip ?? "::", port, socket: { data() {} } }).stop(true);
    return null;
  } catch (error) {
    return explainListening((error as NodeJS.ErrnoException).code ?? "unknown");
  }
};
