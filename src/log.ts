/**
 * The log: consola's levels and reporter interface over a sink that never blocks. Writing to a full pipe would
 * stop the event loop and with it all traffic, so lines wait in a bounded queue and are dropped, counted, beyond it.
 */
import { createConsola, type LogObject } from "consola/core";

/** What the rest of the program may do with a log. Messages are for people; per connection only at debug. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  fatal(message: string): void;
}

export type LogLevel = "debug" | "info" | "warning" | "warn" | "error" | "fatal";

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
const MAX_QUEUED_BYTES = 1024 * 1024;

export interface ClosableLog extends Log {
  /** Waits until what was logged is written, at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
}

/** A log that writes lines `TIME LEVEL message` to `sink`. */
export function createLog(level: LogLevel, sink: ByteSink, now: () => Date = () => new Date()): ClosableLog {
  const lines = new LineQueue(sink);
  const consola = createConsola({
    level: Math.max(CONSOLA_LEVEL[level], 0),
    throttle: 0,
    reporters: [{ log: (entry) => lines.push(formatLine(entry, now())) }],
  });
  const silent = level === "fatal";
  return {
    debug: (message) => consola.debug(message),
    info: (message) => consola.info(message),
    warn: (message) => consola.warn(message),
    error: (message) => (silent ? undefined : consola.error(message)),
    fatal: (message) => consola.fatal(message),
    drain: (deadlineMs) => lines.drain(deadlineMs),
  };
}

/** Bytes that a peer chose must not forge lines or move a terminal's cursor. */
function formatLine(entry: LogObject, at: Date): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const text = String(entry.args[0]).replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "?");
  return `${at.toISOString()} ${entry.type.toUpperCase().padEnd(5)} ${text}\n`;
}

class LineQueue {
  #queued: string[] = [];
  #queuedBytes = 0;
  #dropped = 0;
  #writing: Promise<unknown> | null = null;

  constructor(readonly sink: ByteSink) {}

  push(line: string): void {
    if (this.#queuedBytes + line.length > MAX_QUEUED_BYTES) {
      this.#dropped++;
      return;
    }
    this.#queued.push(line);
    this.#queuedBytes += line.length;
    if (this.#writing === null) this.#write();
  }

  async drain(deadlineMs: number): Promise<void> {
    const deadline = Bun.sleep(deadlineMs).then(() => true);
    while (this.#writing !== null) {
      if ((await Promise.race([this.#writing, deadline])) === true) return;
    }
  }

  #write(): void {
    if (this.#dropped > 0) this.#queued.push(`(${this.#dropped} log lines dropped: the log was not read)\n`);
    this.sink.write(this.#queued.join(""));
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#dropped = 0;
    const flushed = this.sink.flush();
    if (!(flushed instanceof Promise)) return;
    this.#writing = flushed.then(
      () => this.#written(),
      () => this.#written(),
    );
  }

  #written(): void {
    this.#writing = null;
    if (this.#queued.length > 0) this.#write();
  }
}
