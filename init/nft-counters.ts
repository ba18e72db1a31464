import { decodeAttributes, type ReceivedAttribute, readCString } from "../ffi/netlink-codec.ts";
import type { RuleStatus } from "./backend.ts";

const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_RULE_USERDATA = 7;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_COUNTER_BYTES = 1;
const NFTA_COUNTER_PACKETS = 2;
/** Type and length of the comment. */
const COMMENT_HEADER_BYTES = 2;
const NOTHING = new Uint8Array(8);

/** What a dumped rule has counted; null if it does not count. */
export function ruleStatus(rule: readonly ReceivedAttribute[]): RuleStatus | null {
  const counter = decodeAttributes(part(rule, NFTA_RULE_EXPRESSIONS))
    .map(({ payload }) => decodeAttributes(payload))
    .find((expression) => readCString(part(expression, NFTA_EXPR_NAME)) === "counter");
  if (counter === undefined) return null;
  const values = decodeAttributes(part(counter, NFTA_EXPR_DATA));
  return {
    chain: readCString(part(rule, NFTA_RULE_CHAIN)),
    rule: readCString(part(rule, NFTA_RULE_USERDATA).subarray(COMMENT_HEADER_BYTES)),
    packets: be64(part(values, NFTA_COUNTER_PACKETS)),
    bytes: be64(part(values, NFTA_COUNTER_BYTES)),
  };
}

function part(attributes: readonly ReceivedAttribute[], wanted: number): Uint8Array {
  return attributes.find(({ type }) => type === wanted)?.payload ?? NOTHING;
}

function be64(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
}
