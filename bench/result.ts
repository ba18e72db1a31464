import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Effort } from "./experiments/experiment.ts";
import { checkGoals, type GoalResult } from "./goals.ts";
import { describeMachine, type Machine } from "./machine.ts";
import type { Options } from "./options.ts";
import type { Outcome } from "./rounds.ts";
import { type Cells, cellsOf } from "./table.ts";

/** A run as it is kept: every figure of every round, and what they were taken from. */
export interface Result {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly effort: Effort;
  readonly binaries: readonly { readonly name: string; readonly sha256: string }[];
  readonly peers: readonly { readonly name: string; readonly command: string }[];
  readonly goals: readonly GoalResult[];
  readonly experiments: readonly (Outcome & { readonly summary: Cells })[];
}

/** Where results are kept. */
export const RESULTS = join(import.meta.dir, "results");

/** The result of a run that began at `startedAt`. */
export function resultOf(
  { effort, participants }: Options,
  startedAt: Date,
  outcomes: readonly Outcome[],
): Result {
  return {
    startedAt: startedAt.toISOString(),
    machine: describeMachine(),
    effort,
    binaries: participants.binaries.map(({ name, path }) => ({ name, sha256: fingerprint(path) })),
    peers: participants.peers.map(({ name, command }) => ({ name, command })),
    goals: checkGoals(outcomes),
    experiments: outcomes.map((outcome) => ({ ...outcome, summary: cellsOf(outcome) })),
  };
}

/** Says later which build it was; its path would not. */
function fingerprint(path: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
}

/** Writes one file of results, named by when it was begun; returns its path. */
export async function keep(startedAt: string, kind: string, result: unknown): Promise<string> {
  const path = join(RESULTS, `${kind}${startedAt.slice(0, 19).replaceAll(":", "")}.json`);
  mkdirSync(RESULTS, { recursive: true });
  await Bun.write(path, `${JSON.stringify(result, null, 1)}\n`);
  return path;
}
