import type { Direction } from "../../proxy/handler.ts";

/**
 * How a span came to its parent, from certain to guessed: by a context in its own request, in one of three formats; by
 * its request id; because one inbound request alone was in flight; not at all.
 */
export type ParentSource = "uber" | "traceparent" | "b3" | "request_id" | "inferred" | "none";

/** Requests since the start, by how their parent was found. Ignored paths do not count. */
export type ParentCounters = Record<Direction, Record<ParentSource, number>>;

export function newParentCounters(): ParentCounters {
  const none = { uber: 0, traceparent: 0, b3: 0, request_id: 0, inferred: 0, none: 0 };
  return { inbound: { ...none }, outbound: { ...none } };
}
