/** What can be done with rules, whatever puts them in place. */
import type { Plan } from "./plan.ts";

/** What went wrong, for people. */
export class Failure {
  constructor(
    readonly lines: readonly string[],
    /** This kernel or image does not have what the backend needs: another one may do. */
    readonly isLacking = false,
  ) {}
}

/** A rule in the kernel and what it has counted. */
export interface RuleStatus {
  readonly chain: string;
  /** Its reason where the kernel keeps it, else the rule itself. */
  readonly rule: string;
  readonly packets: number;
  readonly bytes: number;
}

/** What is in place. */
export interface Status {
  readonly backend: string;
  /** Version and configuration that the rules were made from, where the kernel keeps it. */
  readonly label: string | null;
  /** The mark of rules that wait for `init --confirm`. */
  readonly mark: string | null;
  /** The rules that count. */
  readonly rules: readonly RuleStatus[];
}

export interface Backend {
  readonly name: "nft" | "iptables";
  /** Replaces what is there by the plan, and reads it back. Null: done. A mark waits to be confirmed. */
  apply(plan: Plan, mark: string | null): Failure | null;
  /** Removes everything of ours, also where there is nothing. */
  remove(): Failure | null;
  /** The same, unless the mark is gone: then the rules were confirmed, or replaced, and stay. */
  revert(mark: string): Failure | null;
  /** Takes the mark off: the rules stay. */
  confirm(mark: string): Failure | null;
  /** How what is in place differs from the plan, in words; null: not at all. */
  difference(plan: Plan): string | null | Failure;
  /** Whether there may be rules of ours: a quick look. */
  hasTraces(): boolean;
  /** Null: nothing of ours is in place. */
  status(): Status | null | Failure;
}
