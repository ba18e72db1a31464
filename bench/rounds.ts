import type { Effort, Experiment, Figures } from "./experiments/experiment.ts";
import type { Stage } from "./stage/stage.ts";
import type { Kind, Target, TargetPlan } from "./stage/target.ts";

/** The figures of one target, one entry per round. */
export interface Row {
  readonly target: string;
  readonly kind: Kind;
  readonly reference: string | null;
  readonly rounds: Figures[];
}

/** What one experiment found. */
export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/**
 * Asks every target in every round, beginning with another one each time: whatever the machine does meanwhile, it does
 * to all of them alike.
 */
export async function runExperiment(
  stage: Stage,
  experiment: Experiment,
  effort: Effort,
  progress: (text: string) => void,
): Promise<Outcome> {
  const { name, title, share = 1 } = experiment;
  const targets = stage.targets.filter((target) => experiment.includes(target));
  const rows = targets.map(({ plan }) => emptyRow(plan));
  const rounds = Math.max(1, Math.round(effort.rounds * share));
  for (let round = 0; round < rounds; round++) {
    progress(`${name}: round ${round + 1} of ${rounds}`);
    for (const i of rotated(targets.length, round)) {
      rows[i]!.rounds.push(await experiment.measure(stage, targets[i] as Target, effort));
    }
  }
  return { name, title, rows };
}

function emptyRow({ name, kind, reference }: TargetPlan): Row {
  return { target: name, kind, reference, rounds: [] };
}

function rotated(length: number, by: number): number[] {
  return Array.from({ length }, (_, i) => (i + by) % length);
}
