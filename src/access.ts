/**
 * Where the access log goes: to stdout, which a sidecar uses for nothing else, so that the lines that were asked for
 * can be told from the log.
 */
import { LineLimit } from "./log/line-limit.ts";
import { type ByteSink, LineQueue } from "./log/line-queue.ts";
import type { Log } from "./log.ts";
import type { AccessLog } from "./mesh/access-log/access-log.ts";
import { standardSink } from "./standard-sink.ts";

/** What NETRA_ACCESS_LOG says. */
export type AccessLogForm = "off" | "json" | "common";

const LINE_END = 10;

export class Access {
  readonly #openSink: () => ByteSink;
  readonly #lines: LineLimit;
  #queue: LineQueue | null = null;
  #log: AccessLog | null = null;

  /** `openSink` is called when there is something to write for the first time; `log` hears of lines that are lost. */
  constructor(log: Log, openSink: () => ByteSink = () => standardSink("stdout")) {
    this.#openSink = openSink;
    this.#lines = new LineLimit(log, () => performance.now());
  }

  /** Lines that nobody read in time, since the start. */
  get dropped(): number {
    return this.#queue?.dropped ?? 0;
  }

  /** Whoever watches exchanges so that lines of this form are written; null for none. */
  async observer(form: AccessLogForm): Promise<AccessLog | null> {
    if (form === "off") {
      this.#log?.flush();
      return null;
    }
    const { AccessLog, FORMATS } = await import("./mesh/access-log/forms.ts");
    const queue = this.#queueOnce();
    this.#log ??= new AccessLog(FORMATS[form], (page, lines) => queue.push(page, lines));
    this.#log.format = FORMATS[form];
    return this.#log;
  }

  /** Takes whole lines that another event loop has written. */
  take(page: Uint8Array): void {
    this.#queueOnce().push(page, countLines(page));
  }

  /** Writes what waits, at most `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.#log?.flush();
    await this.#queue?.drain(deadlineMs);
  }

  #queueOnce(): LineQueue {
    this.#queue ??= new LineQueue({
      sink: this.#openSink(),
      explainDropped: (count) => this.#warn(count),
    });
    return this.#queue;
  }

  #warn(count: number): string {
    this.#lines.warn(
      `${count} lines of the access log are lost: stdout was not read in time, or could not be written`,
    );
    return "";
  }
}

function countLines(page: Uint8Array): number {
  let lines = 0;
  for (const byte of page) if (byte === LINE_END) lines++;
  return lines;
}
