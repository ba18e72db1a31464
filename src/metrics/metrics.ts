/** The metrics of one sidecar: two observers that count, and a function that tells what they have counted. */
import type { Connection } from "../proxy/handler.ts";
import { EventLoopLag } from "./event-loop-lag.ts";
import { Exposition } from "./exposition.ts";
import { HttpMetrics, type HttpMetricsOptions } from "./http-metrics.ts";
import { labelText } from "./labels.ts";
import { CONTENT_TYPES, chooseFormat } from "./negotiate.ts";
import { type ProcessView, writeProcess } from "./process-metrics.ts";
import { type Sources, writeSidecar } from "./sidecar-metrics.ts";
import { TcpMetrics } from "./tcp-metrics.ts";
import { type WorkerFigures, writeWorkers } from "./worker-metrics.ts";

export interface MetricsOptions extends HttpMetricsOptions {
  /** Labels of `target_info`: whose metrics these are. */
  readonly target: Readonly<Record<string, string>>;
  /** Labels of `netramesh_build_info`. */
  readonly build: Readonly<Record<string, string>>;
}

export interface ScrapeSources extends Sources {
  /** Connections that are open now. */
  connections(): Iterable<Connection>;
  /** Null: another event loop tells of the process. */
  readonly process: ProcessView | null;
  /** Null: there is one event loop, or another one tells of all. */
  workers(): WorkerFigures | null;
}

export interface ScrapeResult {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** All metrics in the format that an Accept header field prefers. */
export type Scrape = (accept: string) => ScrapeResult;

/** From one scrape to the next. Memory that is not written to is not taken. */
const ROOM_TO_GROW = 1.5;

export class Metrics {
  readonly exchanges: HttpMetrics;
  readonly connections = new TcpMetrics();
  readonly #options: MetricsOptions;
  #lastBytes = 0;
  readonly #lag = new EventLoopLag(() => performance.now());

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.exchanges = new HttpMetrics(options);
  }

  /** Begins to watch the event loop. What comes back tells, whenever it is called, all there is. */
  start(sources: ScrapeSources): Scrape {
    this.#lag.start();
    return (accept) => {
      const format = chooseFormat(accept);
      const out = new Exposition(format, this.#lastBytes * ROOM_TO_GROW);
      this.#write(out, sources);
      const body = out.end();
      this.#lastBytes = body.length;
      return { contentType: CONTENT_TYPES[format], body };
    };
  }

  #write(out: Exposition, sources: ScrapeSources): void {
    const { target, build } = this.#options;
    out.family("info", "target", "The service that this sidecar belongs to.");
    out.value(labelText(target), 1);
    out.family("info", "netramesh_build", "The program.");
    out.value(labelText(build), 1);
    this.exchanges.write(out);
    this.connections.write(out, sources.connections());
    writeSidecar(out, sources, this.exchanges, this.connections);
    this.#lag.write(out);
    if (sources.process !== null) writeProcess(out, sources.process);
    const workers = sources.workers();
    if (workers !== null) writeWorkers(out, workers);
  }
}
