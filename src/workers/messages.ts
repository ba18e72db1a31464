/** What the event loop of the process and those of its workers say to each other. */
import type { Environment } from "../env.ts";
import type { Log, LogLevel } from "../log.ts";

/** Memory that all event loops write to: see shared-table.ts and board.ts. */
export interface SharedMemory {
  readonly contexts: SharedArrayBuffer;
  readonly routing: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
}

/** What a worker is started with. */
export interface WorkerOrder {
  /** From 2: the process's own event loop is the first. */
  readonly number: number;
  /** All variables, made for one worker. */
  readonly environment: Environment;
  readonly serviceName: string;
  readonly version: string;
  readonly level: LogLevel;
  readonly memory: SharedMemory;
  /** What the clock of the process says now. Each thread's own begins with the thread. */
  readonly clockMs: number;
}

export type Question = "metrics" | "connections";

export type ToWorker =
  | { readonly kind: "start"; readonly order: WorkerOrder }
  | { readonly kind: "change"; readonly environment: Environment }
  | { readonly kind: "level"; readonly level: LogLevel }
  | { readonly kind: "ask"; readonly id: number; readonly about: Question }
  | { readonly kind: "close" };

export type FromWorker =
  | { readonly kind: "listening" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "log"; readonly severity: keyof Log; readonly message: string }
  /** Whole lines of the access log. */
  | { readonly kind: "access"; readonly page: Uint8Array }
  | { readonly kind: "answer"; readonly id: number; readonly text: string }
  /** Nothing follows. `summary`: what passed since its start, in one line; `metrics` says it in full. */
  | { readonly kind: "closed"; readonly summary: string; readonly metrics: string };
