import { expect, test } from "bun:test";
import { RandomIds } from "../../src/trace/ids.ts";

test("randomness is fetched in bulk, and no word is given twice", () => {
  let fetched = 0;
  const ids = new RandomIds((words) => {
    fetched++;
    words.forEach((_, i) => {
      words[i] = fetched * 10_000 + i;
    });
  });
  const words = Array.from({ length: 2048 }, () => ids.word());
  expect(fetched).toBe(2);
  expect(new Set(words).size).toBe(2048);
});

test("words of the default source differ between two sources", () => {
  const draw = () => {
    const ids = new RandomIds();
    return Array.from({ length: 8 }, () => ids.word()).join();
  };
  expect(draw()).not.toBe(draw());
});
