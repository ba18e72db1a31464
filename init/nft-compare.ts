/**
 * Is what the kernel has what we sent? The kernel accepts some nonsense and changes it silently, so only a
 * comparison of the rules themselves, down to the bytes of each expression, is proof.
 */
import { type Attribute, decodeAttributes, type ReceivedAttribute } from "../ffi/netlink-codec.ts";
import type { Family } from "./nft-expressions.ts";
import { FAMILY_NUMBER, NEWCHAIN, NEWRULE, type Step } from "./nft-messages.ts";
import { isMark, type OurTables } from "./nft-tables.ts";

/**
 * The first difference between the chains and rules of `steps` and those the kernel has in one family, in words,
 * or null. With steps that create nothing: whether the table is gone.
 */
export function difference(steps: readonly Step[], family: Family, tables: OurTables): string | null {
  const wanted = (type: number) =>
    steps.filter(({ request }) => request.type === type && request.family === FAMILY_NUMBER[family]);
  if (tables.isDormant(family)) return "the table is dormant: its rules are not in force";
  const chains = wanted(NEWCHAIN).filter(({ request }) => !isMark(request.attributes));
  return (
    listDifference("chain", chains, tables.chains(family)) ??
    listDifference("rule", wanted(NEWRULE), tables.rules(family))
  );
}

function listDifference(
  kind: string,
  sent: readonly Step[],
  received: readonly (readonly ReceivedAttribute[])[],
): string | null {
  const wrong = sent.find((step, i) => received[i] && !holds(received[i], step.request.attributes));
  if (wrong) return `the kernel has something else than was to ${wrong.what}`;
  if (sent.length === received.length) return null;
  return `${sent.length} ${kind}s were wanted, the kernel has ${received.length}`;
}

/**
 * Every sent attribute is there with the same value, however often its type occurs. The kernel may add others
 * (handles, counter values) and has its own order of types.
 */
function holds(received: readonly ReceivedAttribute[], sent: readonly Attribute[]): boolean {
  const types = new Set(sent.map((attribute) => attribute.type));
  const relevant = received.filter(({ type }) => types.has(type)).sort(byType);
  const expected = sent.toSorted(byType);
  return (
    relevant.length === expected.length && expected.every(({ value }, i) => sameValue(relevant[i]!, value))
  );
}

function sameValue({ payload }: ReceivedAttribute, value: Attribute["value"]): boolean {
  if (!(value instanceof Uint8Array)) return holds(decodeAttributes(payload), value);
  return payload.length === value.length && value.every((byte, i) => byte === payload[i]);
}

/** Sorting is stable: equal types, such as the expressions of a rule, keep their order. */
function byType(a: { readonly type: number }, b: { readonly type: number }): number {
  return a.type - b.type;
}
