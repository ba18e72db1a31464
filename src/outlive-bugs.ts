import type { Log } from "./log.ts";

/** A bug costs what it broke, not the other connections. Bun ends the thread for either event that nobody handles. */
export function outliveBugs(log: Log): void {
  const goOn = (error: unknown) =>
    log.error(`internal error, going on: ${(error as Error | null)?.stack ?? String(error)}`);
  process.on("uncaughtException", goOn);
  process.on("unhandledRejection", goOn);
}
