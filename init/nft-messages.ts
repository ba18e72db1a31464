/** A plan as one nf_tables batch (linux/netfilter/nf_tables.h). */
import {
  type Attribute,
  be32,
  cString,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  type Request,
} from "../ffi/netlink-codec.ts";
import { ruleExpressions } from "./nft-expressions.ts";
import { ruleText } from "./nft-text.ts";
import type { Chain, ChainName, Plan, Rule } from "./plan.ts";

export const TABLE = "netramesh";

const NFPROTO_INET = 1;
const NFPROTO_UNSPEC = 0;
const NFNL_SUBSYS_NFTABLES = 10;
const NLM_F_CREATE = 0x400;
const NLM_F_APPEND = 0x800;
const CHANGE = NLM_F_REQUEST | NLM_F_ACK;

/** nfnetlink message types: the subsystem in the high byte. */
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
const NEWTABLE = 0xa00;
const DELTABLE = 0xa02;
export const NEWCHAIN = 0xa03;
const GETCHAIN = 0xa04;
export const NEWRULE = 0xa06;
const GETRULE = 0xa07;

/** NF_INET_PRE_ROUTING and NF_INET_LOCAL_OUT. */
const HOOK: Record<ChainName, number> = { prerouting: 0, output: 3 };
/** Just before the place (-100) where iptables and other meshes redirect: the first NAT verdict wins. */
const PRIORITY = -101;
const NF_ACCEPT = 1;
/** The type of a comment in the TLVs that nft keeps in user data, for tables and for rules. */
const UDATA_COMMENT = 0;

/** A request, and what it stands for when the kernel refuses it. */
export interface Step {
  readonly request: Request;
  /** In words, as the object of "could not". */
  readonly what: string;
  /** Kernel modules it needs. */
  readonly modules: string;
}

/** Replaces whatever `table inet netramesh` there is by the plan's, in one transaction. */
export function applySteps(plan: Plan): Step[] {
  return batch([
    ...removal(),
    createTable(tableAttributes(plan.label)),
    ...plan.chains.map(createChain),
    ...plan.rules.map(createRule),
  ]);
}

/** Removes `table inet netramesh`, also if there is none. */
export function cleanupSteps(): Step[] {
  return batch(removal());
}

/** Dumps all chains, or all rules, of all inet tables. */
export const dumpChains = getAll(GETCHAIN);
export const dumpRules = getAll(GETRULE);

function getAll(type: number): Request {
  const flags = NLM_F_REQUEST | NLM_F_DUMP;
  return { type, flags, family: NFPROTO_INET, resourceId: 0, attributes: [] };
}

function batch(steps: readonly Step[]): Step[] {
  return [
    boundary(BATCH_BEGIN, "begin a transaction"),
    ...steps,
    boundary(BATCH_END, "commit the transaction"),
  ];
}

function boundary(type: number, what: string): Step {
  const subsystem = { family: NFPROTO_UNSPEC, resourceId: NFNL_SUBSYS_NFTABLES };
  return {
    request: { type, flags: NLM_F_REQUEST, ...subsystem, attributes: [] },
    what,
    modules: "nf_tables",
  };
}

/** Created first, because deleting a table that does not exist is an error. */
function removal(): Step[] {
  const table = tableAttributes();
  const request = inetRequest(DELTABLE, CHANGE, [table[0]!]);
  return [createTable(table), { request, what: "delete the old table inet netramesh", modules: "nf_tables" }];
}

function createTable(attributes: readonly Attribute[]): Step {
  const request = inetRequest(NEWTABLE, CHANGE | NLM_F_CREATE, attributes);
  return { request, what: "create table inet netramesh", modules: "nf_tables" };
}

function tableAttributes(label?: string): Attribute[] {
  const attributes = [text(1, TABLE), { type: 2, value: be32(0) }];
  return label === undefined ? attributes : [...attributes, comment(6, label)];
}

function createChain({ name }: Chain): Step {
  const hook = [
    { type: 1, value: be32(HOOK[name]) },
    { type: 2, value: be32(PRIORITY) },
  ];
  const attributes: Attribute[] = [
    text(1, TABLE),
    text(3, name),
    { type: 4, value: hook },
    { type: 5, value: be32(NF_ACCEPT) },
    text(7, "nat"),
  ];
  const request = inetRequest(NEWCHAIN, CHANGE | NLM_F_CREATE, attributes);
  return { request, what: `create the nat chain ${name}`, modules: "nft_chain_nat" };
}

function createRule(rule: Rule): Step {
  const attributes: Attribute[] = [
    text(1, TABLE),
    text(2, rule.chain),
    { type: 4, value: ruleExpressions(rule.match, rule.action) },
    comment(7, rule.why),
  ];
  const request = inetRequest(NEWRULE, CHANGE | NLM_F_CREATE | NLM_F_APPEND, attributes);
  const modules = rule.action.kind === "redirect" ? "nft_redir and nft_counter" : "nf_tables";
  return { request, what: `add to chain ${rule.chain} the rule: ${ruleText(rule)}`, modules };
}

function inetRequest(type: number, flags: number, attributes: readonly Attribute[]): Request {
  return { type, flags, family: NFPROTO_INET, resourceId: 0, attributes };
}

function text(type: number, value: string): Attribute {
  return { type, value: cString(value) };
}

/** User data as nft writes it, so that `nft list` shows the comment: u8 type, u8 length, NUL-terminated text. */
function comment(type: number, value: string): Attribute {
  const bytes = cString(value);
  return { type, value: Uint8Array.of(UDATA_COMMENT, bytes.length, ...bytes) };
}
