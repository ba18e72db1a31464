import { expect, test } from "bun:test";
import { KeyHash } from "../../src/trace/key-hash.ts";

/** One of each pair, pair after pair, makes 256 texts with the same FNV-1a if the lowest byte of its seed is 0. */
const PAIRS = [
  ["0nim5oc", "bec7v95"],
  ["bdfqxoi", "cs6w7ej"],
  ["5fr9063", "c6jz8f8"],
  ["n512qh2", "l6esefd"],
  ["ppdj551", "av397sl"],
  ["ibzm00l", "r0x1bwl"],
  ["owo676w", "bbzw94s"],
  ["hhnpnzl", "w27ynsl"],
] as const;

const TEXTS = Array.from({ length: 256 }, (_, n) => PAIRS.map((pair, i) => pair[(n >> i) & 1]).join(""));

function hashes(seed: number, half: "a" | "b"): Set<number> {
  const key = new KeyHash(seed, seed);
  return new Set(
    TEXTS.map((text) => {
      key.take(text);
      return key[half];
    }),
  );
}

test.each([0x12345600, 0x7fabcd00, -0x54321000])("to guess a byte of the seed %d is not enough", (seed) => {
  expect([hashes(seed, "a").size, hashes(seed, "b").size]).toEqual([256, 256]);
});
