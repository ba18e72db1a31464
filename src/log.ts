/**
 * The log: consola's levels and reporter interface over a sink that never blocks. Writing to a full pipe would
 * stop the event loop and with it all traffic, so lines wait in a bounded queue and are dropped, counted, beyond it.
 */
import { createConsola } from "consola/core";

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

/** A byte stream like Bun's FileSink: `flush` gives a promise when the kernel did not take everything. */
export interface ByteSink {
  write(text: string): unknown;
  flush(): unknown;
}

/** consola's numbers: 0 fatal and error, 1 warn, 3 info, 4 debug. Fatal passes at every level. */
const CONSOLA_LEVEL: Record<LogLevel, number> = {
  debug: 4,
  info: 3,
  warning: 1,
  warn: 1,
  error: 0,
  fatal: -1,
};
const MAX_QUEUED_CHARS = 1024 * 1024;
const MAX_LINE_CHARS = 8192;

export interface ClosableLog extends AdjustableLog {
  /** Waits until what was logged is written, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
}

/** A log that writes lines `TIME LEVEL message` to `sink`, one for each message. */
export function createLog(level: LogLevel, sink: ByteSink, now: () => Date = () => new Date()): ClosableLog {
  const lines = new LineQueue(sink, now);
  const consola = createConsola({
    throttle: 0,
    reporters: [{ log: ({ type, args }) => lines.push(formatLine(now(), type, String(args[0]))) }],
  });
  let current = level;
  const setLevel = (asked: LogLevel) => {
    current = asked;
    consola.level = Math.max(CONSOLA_LEVEL[asked], 0);
  };
  setLevel(level);
  return {
    debug: (message) => consola.debug(message),
    info: (message) => consola.info(message),
    warn: (message) => consola.warn(message),
    error: (message) => (current === "fatal" ? undefined : consola.error(message)),
    fatal: (message) => consola.fatal(message),
    drain: (deadlineMs) => lines.drain(deadlineMs),
    setLevel,
    get level() {
      return current;
    },
  };
}

/** Bytes that a peer chose must not forge lines or move a terminal's cursor. Lines of a stack are joined by ` | `. */
function formatLine(at: Date, type: string, message: string): string {
  const text = message
    .slice(0, MAX_LINE_CHARS)
    .replace(/\s*[\r\n]+\s*/g, " | ")
    .replace(/\p{Cc}|[\u2028\u2029]/gu, "?");
  return `${at.toISOString()} ${type.toUpperCase().padEnd(5)} ${text}\n`;
}

/** Hands lines to the sink in batches, the next when the last is written. */
class LineQueue {
  #queued: string[] = [];
  #queuedChars = 0;
  #dropped = 0;
  #writing: Promise<unknown> | null = null;

  constructor(
    readonly sink: ByteSink,
    readonly now: () => Date,
  ) {}

  push(line: string): void {
    if (this.#queuedChars + line.length > MAX_QUEUED_CHARS) {
      this.#dropped++;
      return;
    }
    this.#queued.push(line);
    this.#queuedChars += line.length;
    if (this.#writing === null) this.#write();
  }

  async drain(deadlineMs: number): Promise<void> {
    const deadline = Bun.sleep(deadlineMs).then(() => true);
    while (this.#writing !== null) {
      if ((await Promise.race([this.#writing, deadline])) === true) return;
    }
  }

  #write(): void {
    if (this.#dropped > 0) this.#queued.push(this.#explainDropped());
    const text = this.#queued.join("");
    this.#queued = [];
    this.#queuedChars = 0;
    this.#dropped = 0;
    const flushed = this.#flush(text);
    if (!(flushed instanceof Promise)) return;
    const written = () => this.#written();
    this.#writing = flushed.then(written, written);
  }

  /** A full disk or a reader that has gone costs lines, never the caller. */
  #flush(text: string): unknown {
    try {
      this.sink.write(text);
      return this.sink.flush();
    } catch {
      return null;
    }
  }

  #explainDropped(): string {
    return formatLine(this.now(), "warn", `${this.#dropped} log lines dropped here: the log was not read`);
  }

  #written(): void {
    this.#writing = null;
    if (this.#queued.length > 0) this.#write();
  }
}
