import { expect, test } from "bun:test";
import { Exchange } from "../../../src/mesh/exchange.ts";
import { InFlight } from "../../../src/mesh/policy/in-flight.ts";
import { MOST_YOUNG_GARBAGE, youngGarbage } from "../../fakes/young-garbage.ts";
import { connInfo } from "../conversation.ts";

function exchange(requestId: string): Exchange {
  const it = new Exchange(connInfo());
  it.begin();
  it.requestId = requestId;
  return it;
}

test("the youngest of those with a request id is found, in whatever order they leave", () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const inFlight = new InFlight();
    const all = ["a", "a", "a"].map(exchange);
    const other = exchange("b");
    for (const each of [...all, other]) inFlight.add(each);
    const left = new Set(all);
    for (const i of order) {
      expect(inFlight.get("a")).toBe([...left].at(-1)!);
      inFlight.remove(all[i]!);
      left.delete(all[i]!);
    }
    expect([inFlight.get("a"), inFlight.get("b")]).toEqual([null, other]);
  }
});

test("as many as come are remembered, those who left are not, and their places are used again", () => {
  const inFlight = new InFlight();
  for (let round = 0; round < 3; round++) {
    const all = Array.from({ length: 1000 }, (_, i) => exchange(`${round}-${i % 700}`));
    for (const each of all) inFlight.add(each);
    for (let i = 0; i < 700; i++) {
      expect(inFlight.get(`${round}-${i}`)).toBe(all[i + 700] ?? all[i]!);
    }
    expect(Math.max(...all.map(({ inFlightSlot }) => inFlightSlot))).toBeLessThan(700);
    for (const each of all) inFlight.remove(each);
    for (let i = 0; i < 700; i++) expect(inFlight.get(`${round}-${i}`)).toBeNull();
  }
});

test("one that left holds on to no other", () => {
  const inFlight = new InFlight();
  const [first, second] = [exchange("a"), exchange("a")];
  inFlight.add(first);
  inFlight.add(second);
  inFlight.remove(first);
  expect([first.older, first.younger, second.older]).toEqual([null, null, null]);
});

test("collections of young objects free those who left", () => {
  const inFlight = new InFlight();
  let count = 0;
  const left = youngGarbage(
    () => exchange(`${count++}`),
    (one) => inFlight.add(one),
    (one) => inFlight.remove(one),
  );
  expect(left).toBeLessThan(MOST_YOUNG_GARBAGE);
});
