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
import { type Family, ruleExpressions } from "./nft-expressions.ts";
import { modulesOf } from "./nft-modules.ts";
import { setElements } from "./nft-sets.ts";
import { portSets, ruleText } from "./nft-text.ts";
import type { Chain, Plan, Rule } from "./plan.ts";
import type { Range } from "./ranges.ts";

export const TABLE = "netramesh";
/** A chain of this name, without rules, marks rules that nobody has confirmed yet; behind it stands whose they are. */
export const MARK_PREFIX = "unconfirmed-";

/** NFPROTO numbers (linux/netfilter.h). */
export const FAMILY_NUMBER: Record<Family, number> = { inet: 1, ip: 2, ip6: 10 };
const NFPROTO_UNSPEC = 0;
const NFNL_SUBSYS_NFTABLES = 10;
const NLM_F_CREATE = 0x400;
const NLM_F_APPEND = 0x800;
const CHANGE = NLM_F_REQUEST | NLM_F_ACK;

/** nfnetlink message types: the subsystem in the high byte. */
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
export const NEWTABLE = 0xa00;
const GETTABLE = 0xa01;
const DELTABLE = 0xa02;
export const NEWCHAIN = 0xa03;
const GETCHAIN = 0xa04;
const DELCHAIN = 0xa05;
export const NEWRULE = 0xa06;
const GETRULE = 0xa07;
const NEWSET = 0xa09;
export const NEWSETELEM = 0xa0c;
const GETSETELEM = 0xa0d;

/** NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN and NF_INET_LOCAL_OUT. */
const HOOK: Record<Chain["hook"], number> = { prerouting: 0, input: 1, output: 3 };
const NF_ACCEPT = 1;
const NFT_SET_INTERVAL = 4;
/** nft's own number for the type of a port: how it prints the elements. */
const TYPE_INET_SERVICE = 13;
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

/**
 * Replaces whatever table netramesh there is in these families by the plan's, and removes those of `obsolete` ones,
 * in one transaction. `mark`, if any, stays with the rules until they are confirmed.
 */
export function applySteps(
  plan: Plan,
  families: readonly Family[],
  mark: string | null = null,
  obsolete: readonly Family[] = [],
): Step[] {
  return batch([
    ...obsolete.flatMap(removal),
    ...families.flatMap((family) => [
      ...removal(family),
      createTable(family, tableAttributes(plan.label)),
      ...plan.chains.map((chain) => createChain(family, chain)),
      ...(mark === null ? [] : [createMark(family, mark)]),
      ...portSets(plan).flatMap(({ set, ranges }, i) => createSet(family, set, i + 1, ranges)),
      ...plan.rules.flatMap((rule) => createRule(family, rule)),
    ]),
  ]);
}

/** Removes table netramesh of these families, also where there is none. */
export function cleanupSteps(families: readonly Family[]): Step[] {
  return batch(families.flatMap(removal));
}

/** Removes table netramesh of these families; all is refused unless each still carries the mark. */
export function revertSteps(families: readonly Family[], mark: string): Step[] {
  return batch(families.flatMap((family) => [deleteMark(family, mark), ...removal(family)]));
}

/** Takes the mark away and touches nothing else. */
export function confirmSteps(families: readonly Family[], mark: string): Step[] {
  return batch(families.map((family) => deleteMark(family, mark)));
}

/** Dumps every table, or every chain, of all families. */
export const dumpTables = dumpAll(GETTABLE);
export const dumpChains = dumpAll(GETCHAIN);

function dumpAll(type: number): Request {
  const flags = NLM_F_REQUEST | NLM_F_DUMP;
  return { type, flags, family: NFPROTO_UNSPEC, resourceId: 0, attributes: [] };
}

/** Dumps the rules of our table of one family; older kernels dump those of other tables too. */
export function dumpRules(family: Family): Request {
  return request(family, GETRULE, NLM_F_REQUEST | NLM_F_DUMP, [text(1, TABLE)]);
}

/** Dumps the elements of one set of ours. */
export function dumpSet(family: Family, set: string): Request {
  return request(family, GETSETELEM, NLM_F_REQUEST | NLM_F_DUMP, [text(1, TABLE), text(2, set)]);
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
function removal(family: Family): Step[] {
  const table = tableAttributes();
  const what = `delete the old table ${family} netramesh`;
  return [
    createTable(family, table),
    { request: request(family, DELTABLE, CHANGE, [table[0]!]), what, modules: "nf_tables" },
  ];
}

function createTable(family: Family, attributes: readonly Attribute[]): Step {
  const what = `create table ${family} netramesh`;
  return {
    request: request(family, NEWTABLE, CHANGE | NLM_F_CREATE, attributes),
    what,
    modules: "nf_tables",
  };
}

function tableAttributes(label?: string): Attribute[] {
  const attributes = [text(1, TABLE), { type: 2, value: be32(0) }];
  return label === undefined ? attributes : [...attributes, comment(6, label)];
}

function createChain(family: Family, { name, type, hook, priority }: Chain): Step {
  const place = [
    { type: 1, value: be32(HOOK[hook]) },
    { type: 2, value: be32(priority) },
  ];
  const attributes: Attribute[] = [
    text(1, TABLE),
    text(3, name),
    { type: 4, value: place },
    { type: 5, value: be32(NF_ACCEPT) },
    text(7, type),
  ];
  return {
    request: request(family, NEWCHAIN, CHANGE | NLM_F_CREATE, attributes),
    what: `create the ${type} chain ${name}`,
    modules: type === "nat" ? "nft_chain_nat" : "nf_tables",
  };
}

function createMark(family: Family, mark: string): Step {
  const attributes = [text(1, TABLE), text(3, MARK_PREFIX + mark)];
  return {
    request: request(family, NEWCHAIN, CHANGE | NLM_F_CREATE, attributes),
    what: "mark the rules as unconfirmed",
    modules: "nf_tables",
  };
}

function deleteMark(family: Family, mark: string): Step {
  const attributes = [text(1, TABLE), text(3, MARK_PREFIX + mark)];
  return {
    request: request(family, DELCHAIN, CHANGE, attributes),
    what: `take the mark ${mark} off the rules`,
    modules: "nf_tables",
  };
}

function createSet(family: Family, set: string, id: number, ranges: readonly Range[]): Step[] {
  const names = [text(1, TABLE), text(2, set)];
  const modules = "nf_tables with sets (CONFIG_NF_TABLES_SET in older kernels)";
  const attributes = [
    ...names,
    { type: 3, value: be32(NFT_SET_INTERVAL) },
    { type: 4, value: be32(TYPE_INET_SERVICE) },
    { type: 5, value: be32(2) },
    { type: 10, value: be32(id) },
  ];
  const create = request(family, NEWSET, CHANGE | NLM_F_CREATE, attributes);
  return [
    { request: create, what: `create the set ${set}`, modules },
    ...setElements(ranges).map((elements) => ({
      request: request(family, NEWSETELEM, CHANGE | NLM_F_CREATE, [...names, { type: 3, value: elements }]),
      what: `fill the set ${set}`,
      modules,
    })),
  ];
}

/** None, if no packet of this family can match it. */
function createRule(family: Family, rule: Rule): Step[] {
  const expressions = ruleExpressions(rule, family);
  if (expressions === null) return [];
  const attributes: Attribute[] = [
    text(1, TABLE),
    text(2, rule.chain),
    { type: 4, value: expressions },
    comment(7, rule.why),
  ];
  return [
    {
      request: request(family, NEWRULE, CHANGE | NLM_F_CREATE | NLM_F_APPEND, attributes),
      what: `add to chain ${rule.chain} the rule: ${ruleText(rule)}`,
      modules: modulesOf(rule),
    },
  ];
}

function request(family: Family, type: number, flags: number, attributes: readonly Attribute[]): Request {
  return { type, flags, family: FAMILY_NUMBER[family], resourceId: 0, attributes };
}

function text(type: number, value: string): Attribute {
  return { type, value: cString(value) };
}

/** User data as nft writes it, so that `nft list` shows the comment: u8 type, u8 length, NUL-terminated text. */
function comment(type: number, value: string): Attribute {
  const bytes = cString(value);
  return { type, value: Uint8Array.of(UDATA_COMMENT, bytes.length, ...bytes) };
}
