import type { Log } from "../../src/log.ts";

/** Keeps each line as `level: message`. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];
  debug = (message: string) => this.keep("debug", message);
  info = (message: string) => this.keep("info", message);
  warn = (message: string) => this.keep("warn", message);
  error = (message: string) => this.keep("error", message);
  fatal = (message: string) => this.keep("fatal", message);

  private keep(level: string, message: string): void {
    this.lines.push(`${level}: ${message}`);
  }
}
