/**
 * `bun run fuzz -- --seconds N [--seed S]`: new seeds for as long as asked, half of the time the parsers alone, half
 * the whole sidecar. A failure names its seed; `--seed` begins there.
 */
import { parseArgs } from "node:util";
import { Stage } from "../e2e/stage.ts";
import { fuzzParserPair } from "./parser-pair.ts";
import { fuzzSidecar } from "./sidecar.ts";

const ROUND_MS = 500;
const AT_ONCE = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() | 0) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (value === "" || Number.isNaN(Number(value))) throw new Error(`--${name} ${value} is not a number`);
}
const endsAt = performance.now() + 1000 * Number(values.seconds);
let seed = Number(values.seed);
let conversations = 0;
let connections = 0;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function failing<T>(first: number, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    say(`fails from --seed ${first}`);
    throw error;
  }
}

say(`fuzzing for ${values.seconds} s from --seed ${seed}`);
const stage = await Stage.open("fuzz");
try {
  while (performance.now() < endsAt) {
    for (
      const roundEnds = performance.now() + ROUND_MS;
      performance.now() < roundEnds;
      seed++, conversations++
    ) {
      await failing(seed, () => fuzzParserPair(seed));
    }
    for (const roundEnds = performance.now() + ROUND_MS; performance.now() < roundEnds; ) {
      const seeds = Array.from({ length: AT_ONCE }, (_, i) => seed + i);
      await failing(seed, () => fuzzSidecar(stage, seeds));
      seed += AT_ONCE;
      connections += AT_ONCE;
    }
  }
} finally {
  stage.close();
}
say(
  `${conversations} conversations through the parsers, ${connections} connections through the sidecar: nothing lost`,
);
process.exit(0);
