import { expect, test } from "bun:test";
import { whenDelivered } from "../../src/proxy/delivery.ts";

/** What `leftBytes` had said when `done` was called. */
function looks(leftBytes: (look: number) => number, patienceMs: number): Promise<number[]> {
  const said: number[] = [];
  const look = () => {
    said.push(leftBytes(said.length));
    return said.at(-1)!;
  };
  return new Promise((resolve) => whenDelivered(look, () => resolve(said), patienceMs));
}

test("waits as long as bytes are taken", async () => {
  expect(await looks((look) => Math.max(0, 5 - look), 10)).toEqual([5, 4, 3, 2, 1, 0]);
});

test("gives up on a peer that takes nothing any more", async () => {
  expect(await looks((look) => Math.max(3, 5 - look), 30)).toEqual([5, 4, 3, 3, 3, 3]);
});
