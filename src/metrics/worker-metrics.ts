import type { Exposition } from "./exposition.ts";
import { labelText } from "./labels.ts";

/** The event loops of a sidecar that has several, the process's own first. */
export interface WorkerFigures {
  /** Those that accept connections. */
  readonly listening: number;
  /** Connections since the start, by event loop. */
  readonly opened: readonly number[];
  /** How often each was started again. */
  readonly restarts: readonly number[];
}

export function writeWorkers(out: Exposition, { listening, opened, restarts }: WorkerFigures): void {
  out.family("gauge", "netramesh_workers", "Event loops that accept connections.");
  out.value("", listening);
  out.family("counter", "netramesh_worker_connections", "Connections accepted and relayed, by event loop.");
  opened.forEach((count, i) => {
    out.value(labelText({ worker: `${i + 1}` }), count);
  });
  out.family("counter", "netramesh_worker_restarts", "How often an event loop was started again.");
  restarts.forEach((count, i) => {
    out.value(labelText({ worker: `${i + 1}` }), count);
  });
}
