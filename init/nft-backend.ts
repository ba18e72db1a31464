/** Rules by nf_tables over netlink: one transaction, nothing executed. */
import { KernelError, type Netlink } from "../ffi/netlink.ts";
import { type Backend, Failure, type RuleStatus, type Status } from "./backend.ts";
import { explainFailures, explainOutcome, isLacking } from "./failures.ts";
import { difference } from "./nft-compare.ts";
import { ruleStatus } from "./nft-counters.ts";
import type { Family } from "./nft-expressions.ts";
import { applySteps, cleanupSteps, confirmSteps, dumpSet, revertSteps, type Step } from "./nft-messages.ts";
import { holdsPorts } from "./nft-sets.ts";
import { OurTables, readFamilies } from "./nft-tables.ts";
import { portSets } from "./nft-text.ts";
import type { Plan } from "./plan.ts";

/** One table for both address families; kernels before 5.2 can redirect only in one for each. */
const LAYOUTS: readonly (readonly Family[])[] = [["inet"], ["ip", "ip6"]];

export class NftBackend implements Backend {
  readonly name = "nft";
  readonly #open: () => Netlink | KernelError;

  /** `open` makes the netlink socket, in the network namespace that is meant. */
  constructor(open: () => Netlink | KernelError) {
    this.#open = open;
  }

  apply(plan: Plan, mark: string | null): Failure | null {
    return this.#with((netlink) => {
      const failures: Failure[] = [];
      for (const layout of LAYOUTS) {
        const failure = applyTo(netlink, layout, plan, mark);
        if (!failure?.isLacking) return failure;
        failures.push(failure);
      }
      return new Failure([...new Set(failures.flatMap(({ lines }) => lines))], true);
    });
  }

  remove(): Failure | null {
    return this.#withTables((netlink, { families }) => {
      if (families.length === 0) return null;
      const failure = commit(netlink, cleanupSteps(families));
      if (failure) return failure;
      const after = OurTables.read(netlink);
      if (after instanceof KernelError) return unreadable(after);
      return after.families.length === 0
        ? null
        : new Failure(["table netramesh is there again: run it again"]);
    });
  }

  revert(mark: string): Failure | null {
    return this.#withTables((netlink, tables) => commit(netlink, revertSteps(marked(tables, mark), mark)));
  }

  confirm(mark: string): Failure | null {
    return this.#withTables((netlink, tables) => commit(netlink, confirmSteps(marked(tables, mark), mark)));
  }

  difference(plan: Plan): string | null | Failure {
    return this.#withTables((netlink, tables) => {
      const { families } = tables;
      if (families.length === 0) return "no rules are in place";
      return compare(netlink, families, plan, applySteps(plan, families), tables);
    });
  }

  hasTraces(): boolean {
    const families = this.#with(readFamilies);
    return Array.isArray(families) && families.length > 0;
  }

  status(): Status | null | Failure {
    return this.#withTables((_, tables) => {
      const [family, ...more] = tables.families;
      if (family === undefined) return null;
      const rules = [family, ...more].flatMap((each) => counted(tables, each));
      const backend = `nft (${[family, ...more].map((each) => `table ${each} netramesh`).join(", ")})`;
      return { backend, label: tables.label(family), mark: tables.mark(family), rules };
    });
  }

  #withTables<T>(use: (netlink: Netlink, tables: OurTables) => T): T | Failure {
    return this.#with((netlink) => {
      const tables = OurTables.read(netlink);
      return tables instanceof KernelError ? unreadable(tables) : use(netlink, tables);
    });
  }

  #with<T>(use: (netlink: Netlink) => T): T | Failure {
    const netlink = this.#open();
    if (netlink instanceof KernelError) return unreadable(netlink);
    try {
      return use(netlink);
    } finally {
      netlink.close();
    }
  }
}

/** Tables of another layout go in the same transaction. */
function applyTo(
  netlink: Netlink,
  layout: readonly Family[],
  plan: Plan,
  mark: string | null,
): Failure | null {
  const families = readFamilies(netlink);
  if (families instanceof KernelError) return unreadable(families);
  const obsolete = families.filter((family) => !layout.includes(family));
  const steps = applySteps(plan, layout, mark, obsolete);
  const failure = commit(netlink, steps);
  if (failure) return failure;
  const after = OurTables.read(netlink);
  if (after instanceof KernelError) return unreadable(after);
  const found = compare(netlink, layout, plan, steps, after);
  if (found === null || found instanceof Failure) return found;
  return new Failure([`the rules read back are not those that were sent: ${found}`]);
}

function commit(netlink: Netlink, steps: readonly Step[]): Failure | null {
  const errors = netlink.transact(steps.map((step) => step.request));
  if (errors.length === 0) return null;
  const lines = explainFailures(errors, steps);
  if (errors.every(isLacking)) return new Failure(lines, true);
  return new Failure([...lines, explainOutcome(errors)]);
}

function compare(
  netlink: Netlink,
  families: readonly Family[],
  plan: Plan,
  steps: readonly Step[],
  tables: OurTables,
): string | null | Failure {
  for (const family of families) {
    const found = difference(steps, family, tables) ?? setDifference(netlink, family, plan);
    if (found !== null) return found;
  }
  return null;
}

function setDifference(netlink: Netlink, family: Family, plan: Plan): string | null | Failure {
  for (const { set, ranges } of portSets(plan)) {
    const dump = netlink.dump(dumpSet(family, set));
    if (dump instanceof KernelError) return unreadable(dump);
    if (!holdsPorts(dump, ranges)) return `the set ${set} holds other ports`;
  }
  return null;
}

function marked(tables: OurTables, mark: string): Family[] {
  return tables.families.filter((family) => tables.mark(family) === mark);
}

function counted(tables: OurTables, family: Family): RuleStatus[] {
  return tables.rules(family).flatMap((attributes) => ruleStatus(attributes) ?? []);
}

function unreadable(error: KernelError): Failure {
  return new Failure(explainFailures([error], []), isLacking(error));
}
