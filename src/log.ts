/**
 * The log: consola's levels and reporter interface over a queue that never blocks. Writing to a full pipe would stop
 * the event loop and with it all traffic.
 */
import { createConsola } from "consola/core";
import { jsonLine, type Severity, textLine } from "./log/line-format.ts";
import { type ByteSink, LineQueue } from "./log/line-queue.ts";

/** What the rest of the program may do with a log. Messages are for people; per connection only at debug. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  fatal(message: string): void;
}

/** From the one that says most to the one that says least; `warn` is another word for `warning`. */
export const LOG_LEVELS = ["debug", "info", "warning", "warn", "error", "fatal"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log whose level can change while it is used. */
export interface AdjustableLog extends Log {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
}

/** Text for people, JSON for programs (NETRA_LOG_FORMAT). */
export type LogFormat = "text" | "json";

/** consola's numbers: 0 fatal and error, 1 warn, 3 info, 4 debug. Fatal passes at every level. */
const CONSOLA_LEVEL: Record<LogLevel, number> = {
  debug: 4,
  info: 3,
  warning: 1,
  warn: 1,
  error: 0,
  fatal: -1,
};

export interface LogOptions {
  readonly level: LogLevel;
  readonly sink: ByteSink;
  readonly format?: LogFormat;
  /** Who says it, in JSON. */
  readonly service?: string;
  readonly now?: () => Date;
}

/** The log as its owner has it. */
export interface ProcessLog extends AdjustableLog {
  /** Lines that nobody read in time, since the start. */
  readonly dropped: number;
  /** `listener`, one of them, hears of every level that is set from now on. */
  onLevel(listener: (level: LogLevel) => void): void;
  /** Waits until what was logged is written, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
}

/** A log that writes one line for each message to `sink`. */
export function createLog(options: LogOptions): ProcessLog {
  const { sink, format = "text", service = "", now = () => new Date() } = options;
  const line = format === "json" ? jsonLine(service) : textLine;
  const explainDropped = (count: number) =>
    line(now(), "warn", `${count} log lines are missing here: the log was not read, or could not be written`);
  const lines = new LineQueue({ sink, explainDropped });
  const report = (severity: string, message: unknown) =>
    lines.push(Buffer.from(line(now(), severity as Severity, String(message))));
  const consola = createConsola({
    throttle: 0,
    reporters: [{ log: ({ type, args }) => report(type, args[0]) }],
  });
  let level = options.level;
  let heard = (_: LogLevel) => {};
  const setLevel = (next: LogLevel) => {
    level = next;
    consola.level = Math.max(CONSOLA_LEVEL[level], 0);
    heard(level);
  };
  setLevel(level);
  return {
    debug: (message) => consola.debug(message),
    info: (message) => consola.info(message),
    warn: (message) => consola.warn(message),
    error: (message) => (level === "fatal" ? undefined : consola.error(message)),
    fatal: (message) => consola.fatal(message),
    get level() {
      return level;
    },
    setLevel,
    onLevel: (listener) => {
      heard = listener;
    },
    get dropped() {
      return lines.dropped;
    },
    drain: (deadlineMs) => lines.drain(deadlineMs),
  };
}
