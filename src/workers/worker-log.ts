import type { AdjustableLog, Log, LogLevel } from "../log.ts";

/** How much is said at a level: a message passes if its own figure is not higher. As in log.ts, `fatal` always does. */
const RANKS: Readonly<Record<LogLevel | keyof Log, number>> = {
  fatal: 0,
  error: 1,
  warn: 2,
  warning: 2,
  info: 3,
  debug: 4,
};

/** The log of a worker: `send` takes its messages to the process, which has the one log. */
export class WorkerLog implements AdjustableLog {
  /** None is lost here. */
  readonly dropped = 0;
  level: LogLevel;
  readonly #send: (severity: keyof Log, message: string) => void;

  constructor(level: LogLevel, send: (severity: keyof Log, message: string) => void) {
    this.level = level;
    this.#send = send;
  }

  debug(message: string): void {
    this.#say("debug", message);
  }

  info(message: string): void {
    this.#say("info", message);
  }

  warn(message: string): void {
    this.#say("warn", message);
  }

  error(message: string): void {
    this.#say("error", message);
  }

  fatal(message: string): void {
    this.#say("fatal", message);
  }

  setLevel(level: LogLevel): void {
    this.level = level;
  }

  #say(severity: keyof Log, message: string): void {
    if (RANKS[severity] <= RANKS[this.level]) this.#send(severity, message);
  }
}
