/** Rules that redirect nothing and protect what is redirected; both on request. */
import type { Draft, Match, Place } from "./plan.ts";

/**
 * A late packet of a redirected connection that the kernel cannot place would reach the sidecar's host address
 * untranslated and be answered with a reset. What a host forwards is not touched.
 */
export function strayRules(place: Place): Draft[] {
  const why = "NETRA_DROP_INVALID: untranslated, it would be answered with a reset";
  const toUs: Match[] = place === "host" ? [{ kind: "local", is: true }] : [];
  return [{ matches: [{ kind: "tcp" }, { kind: "invalid" }, ...toUs], action: { kind: "drop" }, why }];
}

/** Nobody has business at the sidecar's port but who is redirected there. */
export function guardRules(port: number): Draft[] {
  const range = { first: port, last: port };
  const why = "NETRA_GUARD_PORT: only redirected connections may come here";
  return [
    { matches: [{ kind: "port", range }, { kind: "not-redirected" }], action: { kind: "reject" }, why },
  ];
}
