import type { Log } from "../log.ts";

/** What stays broken is said often enough this way. */
const QUIET_MS = 30_000;

interface LastLine {
  quietUntilMs: number;
  unsaid: number;
}

/**
 * Keeps what peers can provoke, or what keeps failing, from filling the log: one line of each kind, then quiet, then
 * the next one with the number of those not said.
 */
export class LineLimit {
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #quietMs: number;
  readonly #lastOfKind = new Map<string, LastLine>();

  /** `nowMs` is a clock that never goes back; after a line its kind is quiet for `quietMs`. */
  constructor(log: Log, nowMs: () => number, quietMs = QUIET_MS) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#quietMs = quietMs;
  }

  /** Logs `line` unless its kind is quiet. The kinds are the program's, never a peer's: they are kept for good. */
  warn(line: string, kind = ""): void {
    const admitted = this.#admit(line, kind);
    if (admitted !== null) this.#log.warn(admitted);
  }

  error(line: string, kind = ""): void {
    const admitted = this.#admit(line, kind);
    if (admitted !== null) this.#log.error(admitted);
  }

  #admit(line: string, kind: string): string | null {
    const nowMs = this.#nowMs();
    const last = this.#lastOfKind.get(kind);
    if (last !== undefined && nowMs < last.quietUntilMs) {
      last.unsaid++;
      return null;
    }
    this.#lastOfKind.set(kind, { quietUntilMs: nowMs + this.#quietMs, unsaid: 0 });
    return last === undefined || last.unsaid === 0
      ? line
      : `${line} (${last.unsaid} more since the last line)`;
  }
}
