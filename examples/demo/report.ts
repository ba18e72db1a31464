import type { Memory } from "./memory.ts";
import type { Paint } from "./paint.ts";
import { type Latencies, MEASURED } from "./requests.ts";

/** Everything the demo counted and measured. */
export interface Figures {
  readonly requests: number;
  readonly directRequests: number;
  readonly spans: number;
  readonly traces: number;
  readonly latencies: Latencies;
  readonly sidecars: readonly { readonly service: string; readonly memory: Memory }[];
}

/** Every pass leaves a span. */
const SIDECAR_PASSES = MEASURED.steps.length;
const MEBIBYTE = 1024 * 1024;

/** The figures as a table of two columns. */
export function figuresText(figures: Figures, paint: Paint): string {
  const rows = [
    ["requests", `${figures.requests} through the sidecars, ${figures.directRequests} past them to compare`],
    ["spans", `${figures.spans} in ${figures.traces} traces`],
    ["latency", latencyText(figures.latencies)],
    ...figures.sidecars.map(({ service, memory }) => ["memory", `${service}: ${memoryText(memory)}`]),
  ];
  return rows.map(([name, value]) => `  ${paint("dim", name!.padEnd(9))} ${value}`).join("\n");
}

function latencyText({ meshP50Ms, directP50Ms }: Latencies): string {
  const addedMs = meshP50Ms - directP50Ms;
  return (
    `p50 ${fine(meshP50Ms)} with the mesh, ${fine(directP50Ms)} without: ${fine(addedMs)} added by ` +
    `${SIDECAR_PASSES} passes through a sidecar, ${fine(addedMs / SIDECAR_PASSES)} each`
  );
}

function fine(durationMs: number): string {
  return `${durationMs.toFixed(2)} ms`;
}

function memoryText({ rssBytes, anonymousBytes }: Memory): string {
  return `${mebibytes(rssBytes)} resident, of which ${mebibytes(anonymousBytes)} its own (anonymous)`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
