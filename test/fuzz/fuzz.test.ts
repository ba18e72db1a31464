/** A bounded, repeatable share of fuzzing; `bun run fuzz -- --seconds N` goes on with other seeds. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Stage } from "../e2e/stage.ts";
import { fuzzParserPair } from "./parser-pair.ts";
import { fuzzSidecar } from "./sidecar.ts";

const PARSER_SEEDS = 20_000;
const SIDECAR_SEEDS = 600;
const AT_ONCE = 20;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("fuzz");
});
afterAll(() => stage.close());

test(`${PARSER_SEEDS} conversations through the parsers keep every byte`, () => {
  for (let seed = 0; seed < PARSER_SEEDS; seed++) fuzzParserPair(seed);
});

test(`${SIDECAR_SEEDS} connections through the sidecar keep every byte and every ending`, async () => {
  for (let seed = 0; seed < SIDECAR_SEEDS; seed += AT_ONCE) {
    await fuzzSidecar(
      stage,
      Array.from({ length: AT_ONCE }, (_, i) => seed + i),
    );
  }
  expect(stage.sidecar.hasExited).toBe(false);
});
