/** A plan as input of iptables-restore, which takes each table whole or not at all. */
import { type IpVersion, ruleLines } from "./iptables-rules.ts";
import type { SavedTables } from "./iptables-saved.ts";
import type { Chain, ChainName, Plan } from "./plan.ts";

export type TableName = "nat" | "mangle" | "filter";

/** Chains of this beginning are ours, also those of 0.10. */
export const CHAIN_PREFIX = "NETRA_";

/** Where each chain of a plan stands: our own chain, and the built-in one that jumps to it. */
const PLACE: Record<ChainName, { readonly table: TableName; readonly chain: string; readonly from: string }> =
  {
    prerouting: { table: "nat", chain: `${CHAIN_PREFIX}INBOUND`, from: "PREROUTING" },
    output: { table: "nat", chain: `${CHAIN_PREFIX}OUTBOUND`, from: "OUTPUT" },
    strays: { table: "mangle", chain: `${CHAIN_PREFIX}STRAYS`, from: "PREROUTING" },
    guard: { table: "filter", chain: `${CHAIN_PREFIX}GUARD`, from: "INPUT" },
  };
export const TABLES: readonly TableName[] = ["nat", "mangle", "filter"];

/** A chain of this beginning, without rules, marks rules that nobody has confirmed yet. */
export const MARK_PREFIX = `${CHAIN_PREFIX}UNCONFIRMED_`;

/** What a table holds of ours. */
export interface OwnTable {
  readonly chains: readonly string[];
  /** `-A CHAIN ...`, the jumps from built-in chains included. */
  readonly rules: readonly string[];
}

/** The plan as tables: chains and rules in order, the jumps first. */
export function planTables(plan: Plan, version: IpVersion): Map<TableName, OwnTable> {
  return new Map(
    TABLES.flatMap((table) => {
      const chains = plan.chains.filter(({ name }) => PLACE[name].table === table);
      if (chains.length === 0) return [];
      const rules = [...chains.map(jump), ...chains.flatMap((chain) => chainRules(plan, chain, version))];
      return [[table, { chains: chains.map(({ name }) => PLACE[name].chain), rules }] as const];
    }),
  );
}

/** Only TCP is anybody's business here. */
function jump({ name }: Chain): string {
  return `-A ${PLACE[name].from} -p tcp -j ${PLACE[name].chain}`;
}

function chainRules(plan: Plan, { name }: Chain, version: IpVersion): string[] {
  return plan.rules
    .filter(({ chain }) => chain === name)
    .flatMap((rule) => ruleLines(rule, version))
    .map((line) => `-A ${PLACE[name].chain} ${line}`);
}

/** Input that replaces what is there of ours (`saved`) by the plan. The jumps come before everybody else's rules. */
export function applyText(plan: Plan, version: IpVersion, saved: SavedTables, mark: string | null): string {
  const wanted = planTables(plan, version);
  return TABLES.map((table) => {
    const { chains = [], rules = [] } = wanted.get(table) ?? {};
    const marks = table === "nat" && mark !== null ? [MARK_PREFIX + mark] : [];
    return tableText(table, [
      ...removal(saved.table(table), [...chains, ...marks]),
      ...[...chains, ...marks].map((chain) => `:${chain} - [0:0]`),
      ...rules.map((rule) => (isJump(rule) ? rule.replace(/^-A (\S+)/, "-I $1 1") : rule)),
    ]);
  }).join("");
}

/** Input that removes what is there of ours; with a mark it fails, and nothing is removed, unless that is there. */
export function removeText(saved: SavedTables, mark: string | null = null): string {
  return TABLES.map((table) => {
    const { chains, rules } = saved.table(table);
    const marked = chains.filter((chain) => chain === MARK_PREFIX + mark);
    const rest = chains.filter((chain) => chain !== MARK_PREFIX + mark);
    return tableText(table, [
      ...marked.map((chain) => `-X ${chain}`),
      ...removal({ chains: rest, rules }, []),
    ]);
  }).join("");
}

/** Input that takes the mark away and touches nothing else. */
export function confirmText(mark: string): string {
  return tableText("nat", [`-X ${MARK_PREFIX}${mark}`]);
}

/** Lines that take out jumps and chains; those in `kept` are only emptied. */
function removal({ chains, rules }: OwnTable, kept: readonly string[]): string[] {
  const gone = chains.filter((chain) => !kept.includes(chain));
  return [
    ...rules.filter(isJump).map((rule) => rule.replace(/^-A/, "-D")),
    ...gone.map((chain) => `-F ${chain}`),
    ...gone.map((chain) => `-X ${chain}`),
  ];
}

function isJump(rule: string): boolean {
  return !rule.startsWith(`-A ${CHAIN_PREFIX}`);
}

/** A table where nothing is to be done is not even named: naming it loads its module. */
function tableText(table: TableName, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [`*${table}`, ...lines, "COMMIT", ""].join("\n");
}
