import type { RuleStatus } from "./backend.ts";
import type { IpVersion } from "./iptables-rules.ts";
import { MARK_PREFIX, type OwnTable, planTables, TABLES, type TableName } from "./iptables-text.ts";
import type { Plan } from "./plan.ts";

/** Chains of ours, rules in them, jumps to them; and rules that count something worth to be told. */
const OWN_CHAIN = /^:(NETRA_\S+) /;
const OWN_RULE = /^\[\d+:\d+\] (-A NETRA_.*|-A .* -j NETRA_\S+)/;
const COUNTED = /^\[(\d+):(\d+)\] -A (NETRA_\S+) (.*-j (?:REDIRECT|DROP|REJECT)\b.*)/;

/** What `iptables-save -c` says, as far as it is ours. */
export class SavedTables {
  readonly #lines = new Map<string, string[]>();

  constructor(text: string) {
    for (const section of text.split(/^\*/m).slice(1)) {
      const [table = "", ...lines] = section.split("\n").map((line) => line.trimEnd());
      this.#lines.set(
        table,
        lines.filter((line) => OWN_CHAIN.test(line) || OWN_RULE.test(line)),
      );
    }
  }

  /** True if nothing of ours is there. */
  get isEmpty(): boolean {
    return this.#all().length === 0;
  }

  /** Our chains of one table, marks included, and the rules in them and to them. */
  table(name: TableName): OwnTable {
    const lines = this.#lines.get(name) ?? [];
    return {
      chains: lines.flatMap((line) => OWN_CHAIN.exec(line)?.[1] ?? []),
      rules: lines.flatMap((line) => OWN_RULE.exec(line)?.[1] ?? []),
    };
  }

  /** The mark of rules that nobody has confirmed yet, or null. */
  get mark(): string | null {
    const marked = this.table("nat").chains.find((chain) => chain.startsWith(MARK_PREFIX));
    return marked?.slice(MARK_PREFIX.length) ?? null;
  }

  /** How what is there differs from the plan, in words; null: not at all. */
  difference(plan: Plan, version: IpVersion): string | null {
    const wanted = planTables(plan, version);
    for (const table of TABLES) {
      const found = tableDifference(wanted.get(table)?.rules ?? [], this.table(table).rules);
      if (found !== null) return `IPv${version}, table ${table}: ${found}`;
    }
    return null;
  }

  /** The rules that do something to a connection, and what they have counted. */
  get counted(): RuleStatus[] {
    return this.#all().flatMap((line) => {
      const [, packets, bytes, chain, rule] = COUNTED.exec(line) ?? [];
      return rule ? [{ chain: chain!, rule, packets: Number(packets), bytes: Number(bytes) }] : [];
    });
  }

  #all(): string[] {
    return [...this.#lines.values()].flat();
  }
}

/** Rules keep their order within a chain; in which order chains are listed means nothing. */
function tableDifference(wanted: readonly string[], found: readonly string[]): string | null {
  const [expected, actual] = [byChain(wanted), byChain(found)];
  for (const chain of new Set([...expected.keys(), ...actual.keys()])) {
    const [want = [], have = []] = [expected.get(chain), actual.get(chain)];
    const wrong = want.findIndex((rule, i) => rule !== have[i]);
    if (wrong >= 0) return `${have[wrong] ?? "nothing"} is where ${want[wrong]} was wanted`;
    if (have.length > want.length) return `chain ${chain} also has ${have[want.length]}`;
  }
  return null;
}

/** Which modules iptables-save names, and where, depends on its version: they are left out. */
function byChain(rules: readonly string[]): Map<string, string[]> {
  const plain = rules.map((rule) => rule.replace(/ -m \w+/g, ""));
  return Map.groupBy(plain, (rule) => rule.split(" ")[1]!);
}
