import type { SpanOutcomes } from "./sidecar-metrics.ts";

const DROPPED = /^dropped(?=[A-Z])/;

/**
 * What became of spans, from the counters of whoever handles them: `droppedTooLarge` is a loss for the reason
 * `too_large`. A sender that counts its own knows better what was sent, and why not, than who handed it batches.
 */
export function spanOutcomes(exporter: string, counters: Readonly<Record<string, number>>): SpanOutcomes {
  const { exported = 0, sent, droppedUnsent = 0, refusedTooMany = 0, ...others } = counters;
  const dropped: Record<string, number> = { too_many_open: refusedTooMany };
  if (sent === undefined) dropped.unsent = droppedUnsent;
  for (const [name, count] of Object.entries(others)) {
    if (DROPPED.test(name)) dropped[snakeCase(name.replace(DROPPED, ""))] = count;
  }
  return { exporter, exported: sent ?? exported, dropped };
}

/** `TooLarge` → `too_large`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
}
