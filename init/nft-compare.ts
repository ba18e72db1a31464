/**
 * Is what the kernel has what we sent? The kernel accepts some nonsense and changes it silently, so only a
 * comparison of the rules themselves, down to the bytes of each expression, is proof.
 */
import {
  type Attribute,
  decodeAttributes,
  type Message,
  messageAttributes,
  type ReceivedAttribute,
  readCString,
} from "../ffi/netlink-codec.ts";
import { NEWCHAIN, NEWRULE, type Step, TABLE } from "./nft-messages.ts";

/** In NEWCHAIN and in NEWRULE messages alike. */
const TABLE_NAME_ATTRIBUTE = 1;

/**
 * The first difference between the chains and rules of `steps` and those the kernel dumped, in words, or null.
 * With steps that create nothing: whether the table is gone.
 */
export function difference(
  steps: readonly Step[],
  chains: readonly Message[],
  rules: readonly Message[],
): string | null {
  return (
    listDifference("chain", wanted(steps, NEWCHAIN), ours(chains, NEWCHAIN)) ??
    listDifference("rule", wanted(steps, NEWRULE), ours(rules, NEWRULE))
  );
}

function wanted(steps: readonly Step[], type: number): Step[] {
  return steps.filter((step) => step.request.type === type);
}

/** The attributes of each dumped message that belongs to our table. */
function ours(messages: readonly Message[], type: number): ReceivedAttribute[][] {
  return messages
    .filter((message) => message.type === type)
    .map((message) => messageAttributes(message.payload))
    .filter((attributes) =>
      attributes.some(({ type, payload }) => type === TABLE_NAME_ATTRIBUTE && readCString(payload) === TABLE),
    );
}

function listDifference(
  kind: string,
  sent: readonly Step[],
  received: readonly ReceivedAttribute[][],
): string | null {
  const wrong = sent.find((step, i) => received[i] && !holds(received[i], step.request.attributes));
  if (wrong) return `the kernel changed the request to ${wrong.what}`;
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
