/** A service, and the one thing it does for its traces. */
export interface Service {
  readonly name: string;
  /** Its paths are `/VERB/ITEM`. */
  readonly verb: string;
  /** The header that it copies from the request it serves to the request it makes, and no other. */
  readonly passesOn: string | null;
  /** What its sidecar then says, in the tag `netramesh.parent`, has tied the outgoing request to its trace. */
  readonly tie: string | null;
  /** NETRA_PROPAGATORS of its sidecar; null: the default. */
  readonly propagators: string | null;
}

/**
 * Each calls the next, in a language that the others do not speak. A sidecar writes Jaeger's and W3C's contexts; B3
 * only where a request brings it along, or where the operator says that the application needs it, as for cart here.
 */
export const CHAIN: readonly Service[] = [
  { name: "front", verb: "order", passesOn: "traceparent", tie: "traceparent", propagators: null },
  { name: "cart", verb: "reserve", passesOn: "b3", tie: "b3", propagators: "jaeger,tracecontext,b3" },
  { name: "stock", verb: "pick", passesOn: "X-Request-Id", tie: "request_id", propagators: null },
  { name: "shelf", verb: "take", passesOn: null, tie: null, propagators: null },
];

/** The chain in words. */
export function chainText(chain: readonly Service[]): string {
  const names = chain.map(({ name }) => name);
  return [
    `${names.join(" → ")}, each in its own network namespace, each behind its own sidecar`,
    ...chain.flatMap(({ name, passesOn, propagators }) => {
      if (passesOn === null) return [];
      const needs = propagators === null ? "" : `; for that its sidecar has NETRA_PROPAGATORS=${propagators}`;
      return [`  ${name.padEnd(5)} passes on ${passesOn} and nothing else${needs}`];
    }),
  ].join("\n");
}
