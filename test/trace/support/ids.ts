import type { IdSource } from "../../../src/trace/ids.ts";

/** Gives the words listed, then counts on from 1. */
export function idsFrom(...words: number[]): IdSource {
  let next = 1;
  return { word: () => words.shift() ?? next++ };
}
