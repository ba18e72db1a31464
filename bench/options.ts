import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXPERIMENTS } from "./experiments/all.ts";
import type { Effort, Experiment } from "./experiments/experiment.ts";
import { parsePeer } from "./stage/peer.ts";
import type { Participants } from "./stage/plans.ts";

export interface Options {
  readonly effort: Effort;
  readonly experiments: readonly Experiment[];
  readonly participants: Participants;
  /** Whether every experiment asks every target. */
  readonly isWhole: boolean;
  /** Which targets take part. */
  wanted(target: string): boolean;
}

const FULL: Effort = { rounds: 15, seconds: 2 };
const QUICK: Effort = { rounds: 3, seconds: 1 };
const QUICK_EXPERIMENTS = [
  "requests-real",
  "connections",
  "download",
  "latency-16",
  "latency-16-busy",
  "stalled",
  "start",
];
const QUICK_TARGETS = ["direct", "opaque", "traced", "haproxy tcp", "haproxy http"];
const BINARY = join(import.meta.dir, "..", "dist", "netramesh");

export const USAGE = `bun run bench [options]
  --quick            ${QUICK.rounds} rounds of ${QUICK.seconds} s instead of ${FULL.rounds} of ${FULL.seconds} s, and only what matters most
  --rounds N         another number of rounds
  --seconds N        another length
  --only NAME        one experiment; may be repeated: ${EXPERIMENTS.map(({ name }) => name).join(", ")}
  --targets WORD     only targets with that word in their name; may be repeated
  --binary PATH      the netramesh to measure instead of dist/netramesh
  --before PATH      another netramesh beside it, in the same rounds
  --peer NAME=COMMAND  another proxy in the same rounds; may be repeated; bench/README.md has an example
`;

/** Throws with a message for the user. */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      targets: { type: "string", multiple: true, default: [] },
      binary: { type: "string", default: BINARY },
      before: { type: "string" },
      peer: { type: "string", multiple: true, default: [] },
    },
  });
  const usual = values.quick ? QUICK : FULL;
  const after = { name: "netramesh", path: values.binary };
  const binaries = values.before === undefined ? [after] : [after, { name: "before:", path: values.before }];
  const peers = values.peer.map(parsePeer);
  return {
    effort: { rounds: count(values.rounds, usual.rounds), seconds: count(values.seconds, usual.seconds) },
    experiments: chosenExperiments(values.only, values.quick),
    participants: { binaries, peers },
    isWhole: !values.quick && values.only.length === 0 && values.targets.length === 0,
    wanted: chosenTargets(
      values.targets,
      values.quick,
      peers.map(({ name }) => name),
    ),
  };
}

/** In the order in which they are to run, whatever the order in which they were named. */
function chosenExperiments(names: readonly string[], quick: boolean): readonly Experiment[] {
  const unknown = names.find((name) => !EXPERIMENTS.some((experiment) => experiment.name === name));
  if (unknown !== undefined) throw new Error(`there is no experiment ${unknown}`);
  const usual = quick ? QUICK_EXPERIMENTS : EXPERIMENTS.map(({ name }) => name);
  const chosen = names.length > 0 ? names : usual;
  return EXPERIMENTS.filter(({ name }) => chosen.includes(name));
}

/** Those whose names contain one of the words, or, in a hurry, end with one of the usual; peers always. */
function chosenTargets(
  words: readonly string[],
  quick: boolean,
  peers: readonly string[],
): (target: string) => boolean {
  const isChosen = (target: string) =>
    words.length > 0
      ? words.some((word) => target.includes(word))
      : !quick || QUICK_TARGETS.some((ending) => target.endsWith(ending));
  return (target) => peers.includes(target) || isChosen(target);
}

function count(text: string | undefined, usual: number): number {
  const value = Number(text ?? usual);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${text} is not a positive whole number`);
}
