/** The formats in which span contexts travel, and the list that says which of them are ours to send. */
import { Bad, splitList } from "../env.ts";

/** A format, by the name that OTEL_PROPAGATORS has for it. `b3` is the single header. */
export type Propagator = "jaeger" | "tracecontext" | "b3" | "b3multi";

/** Every format that is understood, in the order in which those that nobody listed are tried. */
export const PROPAGATORS: readonly Propagator[] = ["jaeger", "tracecontext", "b3", "b3multi"];

export const DEFAULT_PROPAGATORS: readonly Propagator[] = ["jaeger", "tracecontext"];

/** What a message says in one format. */
export const enum Found {
  Nothing,
  /** Something that is not this format, or more than one context where one is allowed. */
  Malformed,
  /** Only whether to sample. */
  Decision,
  /** Ids, and the decision is left to the receiver. */
  Deferred,
  /** Ids and a decision. */
  Context,
}

/**
 * A comma list of formats, the most trusted first (NETRA_PROPAGATORS, OTEL_PROPAGATORS). `none`, alone, lists no format:
 * what comes is understood and kept up to date, but nothing is added. `baggage` may stand in the list: such headers pass
 * anyway.
 */
export function parsePropagators(text: string): readonly Propagator[] | Bad {
  const names = splitList(text.toLowerCase());
  if (names.length === 1 && names[0] === "none") return [];
  const listed = names.filter((name) => name !== "baggage");
  const known = listed.filter(isPropagator);
  if (names.length === 0 || known.length < listed.length) {
    return new Bad(`a comma-separated list of ${PROPAGATORS.join(", ")}, or none`);
  }
  return [...new Set(known)];
}

function isPropagator(name: string): name is Propagator {
  return (PROPAGATORS as readonly string[]).includes(name);
}
