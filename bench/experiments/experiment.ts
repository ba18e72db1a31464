import type { Stage } from "../stage/stage.ts";
import type { Target } from "../stage/target.ts";

/** Figures of one target in one round, by what they are called in the table, unit included. */
export type Figures = Readonly<Record<string, number>>;

/** How much time a run may take. */
export interface Effort {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
}

/** One question, asked of every target in every round. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** A share of the usual rounds, for what takes long or varies little. */
  readonly share?: number;
  /** Targets whose answer would say nothing are left out. */
  includes(target: Target): boolean;
  /** Why it cannot be asked on this machine; null if it can. */
  obstacle?(): string | null;
  measure(stage: Stage, target: Target, effort: Effort): Promise<Figures>;
}
