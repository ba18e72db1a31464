import type { Log } from "../../src/log.ts";

/** A log that keeps what it is told, as `level: message`. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];

  debug(message: string): void {
    this.lines.push(`debug: ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info: ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }
  fatal(message: string): void {
    this.lines.push(`fatal: ${message}`);
  }
}
