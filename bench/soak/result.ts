import type { Stretch } from "../chart/lines.ts";
import type { Machine } from "../machine.ts";
import type { Ending, Sample, Verdict } from "./judge.ts";

/** A soak as it is kept. */
export interface SoakResult {
  readonly startedAt: string;
  readonly minutes: number;
  readonly machine: Machine;
  readonly verdicts: readonly Verdict[];
  readonly ending: Ending;
  readonly samples: readonly Sample[];
  /** When there was no agent. */
  readonly outages: readonly Stretch[];
}
