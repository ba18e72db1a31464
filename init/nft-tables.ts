/** What the kernel has of ours: the tables, chains and rules named netramesh, of every family. */
import { KernelError, type Netlink } from "../ffi/netlink.ts";
import {
  type Attribute,
  type Message,
  messageAttributes,
  type ReceivedAttribute,
  readCString,
} from "../ffi/netlink-codec.ts";
import type { Family } from "./nft-expressions.ts";
import {
  dumpChains,
  dumpRules,
  dumpTables,
  FAMILY_NUMBER,
  MARK_PREFIX,
  NEWCHAIN,
  NEWRULE,
  NEWTABLE,
  TABLE,
} from "./nft-messages.ts";

/** In messages about tables, chains and rules alike. */
const TABLE_NAME_ATTRIBUTE = 1;
const CHAIN_NAME_ATTRIBUTE = 3;
const TABLE_FLAGS_ATTRIBUTE = 2;
const TABLE_USERDATA_ATTRIBUTE = 6;
/** NFT_TABLE_F_DORMANT in the last of the four bytes: the rules are there but not in force. */
const DORMANT = 1;
const FAMILIES = Object.keys(FAMILY_NUMBER) as Family[];

export class OurTables {
  private constructor(
    /** The families in which there is a table of ours. */
    readonly families: readonly Family[],
    readonly tableDump: readonly Message[],
    readonly chainDump: readonly Message[],
    readonly ruleDump: readonly Message[],
  ) {}

  /** Asks the kernel. */
  static read(netlink: Netlink): OurTables | KernelError {
    const tables = netlink.dump(dumpTables);
    const chains = netlink.dump(dumpChains);
    if (tables instanceof KernelError) return tables;
    if (chains instanceof KernelError) return chains;
    const families = familiesIn(tables);
    const rules: Message[] = [];
    for (const family of families) {
      const dump = netlink.dump(dumpRules(family));
      if (dump instanceof KernelError) return dump;
      rules.push(...dump);
    }
    return new OurTables(families, tables, chains, rules);
  }

  /** The label of a table: which rules these are. */
  label(family: Family): string | null {
    const [table = []] = ours(this.tableDump, NEWTABLE, family);
    const userData = table.find(({ type }) => type === TABLE_USERDATA_ATTRIBUTE);
    return userData ? readCString(userData.payload.subarray(2)) : null;
  }

  /** Whether somebody has switched the table off. */
  isDormant(family: Family): boolean {
    const [table = []] = ours(this.tableDump, NEWTABLE, family);
    const flags = table.find(({ type }) => type === TABLE_FLAGS_ATTRIBUTE);
    return flags !== undefined && (flags.payload[3]! & DORMANT) !== 0;
  }

  /** The attributes of each chain in order; the marks of unconfirmed rules are no chains. */
  chains(family: Family): ReceivedAttribute[][] {
    return ours(this.chainDump, NEWCHAIN, family).filter((attributes) => !isMark(attributes));
  }

  /** The mark of rules that nobody has confirmed yet, or null. */
  mark(family: Family): string | null {
    const marked = ours(this.chainDump, NEWCHAIN, family).find(isMark);
    return marked ? chainName(marked).slice(MARK_PREFIX.length) : null;
  }

  /** The attributes of each rule in order. */
  rules(family: Family): ReceivedAttribute[][] {
    return ours(this.ruleDump, NEWRULE, family);
  }
}

/** The families in which there is a table of ours. */
export function readFamilies(netlink: Netlink): Family[] | KernelError {
  const tables = netlink.dump(dumpTables);
  return tables instanceof KernelError ? tables : familiesIn(tables);
}

function familiesIn(tables: readonly Message[]): Family[] {
  return FAMILIES.filter((family) => ours(tables, NEWTABLE, family).length > 0);
}

/** Whether these attributes, sent or received, describe the mark of unconfirmed rules. */
export function isMark(attributes: readonly (Attribute | ReceivedAttribute)[]): boolean {
  return chainName(attributes).startsWith(MARK_PREFIX);
}

/** The name of a chain, from its attributes, sent or received; empty if they have none. */
export function chainName(attributes: readonly (Attribute | ReceivedAttribute)[]): string {
  return textOf(attributes, CHAIN_NAME_ATTRIBUTE);
}

function textOf(attributes: readonly (Attribute | ReceivedAttribute)[], wanted: number): string {
  const attribute = attributes.find(({ type }) => type === wanted);
  if (attribute === undefined) return "";
  const bytes = "payload" in attribute ? attribute.payload : attribute.value;
  return bytes instanceof Uint8Array ? readCString(bytes) : "";
}

/** The attributes of each message of this type that belongs to our table of this family. */
function ours(dump: readonly Message[], type: number, family: Family): ReceivedAttribute[][] {
  return dump
    .filter((message) => message.type === type && message.payload[0] === FAMILY_NUMBER[family])
    .map((message) => messageAttributes(message.payload))
    .filter((attributes) => textOf(attributes, TABLE_NAME_ATTRIBUTE) === TABLE);
}
