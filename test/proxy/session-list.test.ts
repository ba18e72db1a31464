import { describe, expect, test } from "bun:test";
import type { Session } from "../../src/proxy/session.ts";
import { SessionList } from "../../src/proxy/session-list.ts";
import { MOST_YOUNG_GARBAGE, youngGarbage } from "../fakes/young-garbage.ts";

type Node = Pick<Session, "older" | "newer">;

function node(): Session {
  const it: Node = { older: null, newer: null };
  return it as Session;
}

function setup(count: number) {
  const list = new SessionList();
  const nodes = Array.from({ length: count }, node);
  for (const each of nodes) list.add(each);
  /** Who is in the list, by number. */
  const numbers = () => [...list].map((each) => nodes.indexOf(each));
  return { list, nodes, numbers };
}

describe("the list of sessions", () => {
  test("is empty at first", () => {
    const { list, numbers } = setup(0);
    expect([numbers(), list.size]).toEqual([[], 0]);
  });

  test("has the oldest first", () => {
    const { list, numbers } = setup(3);
    expect([numbers(), list.size]).toEqual([[0, 1, 2], 3]);
  });

  test.each([
    ["the oldest", [0], [1, 2, 3]],
    ["one in between", [1], [0, 2, 3]],
    ["the newest", [3], [0, 1, 2]],
    ["neighbours", [1, 2], [0, 3]],
    ["all, oldest first", [0, 1, 2, 3], []],
    ["all, newest first", [3, 2, 1, 0], []],
  ])("lets %s go", (_, leaving, rest) => {
    const { list, nodes, numbers } = setup(4);
    for (const i of leaving) list.remove(nodes[i]!);
    expect([numbers(), list.size]).toEqual([rest, rest.length]);
    list.add(nodes[leaving[0]!]!);
    expect(numbers()).toEqual([...rest, leaving[0]!]);
  });

  test("does not tie those who left to those who stay", () => {
    const { list, nodes } = setup(3);
    list.remove(nodes[1]!);
    expect(nodes[1]).toEqual({ older: null, newer: null } as Session);
  });

  test("goes on when the one that it is at leaves", () => {
    const { list, nodes } = setup(4);
    const seen: number[] = [];
    for (const each of list) {
      seen.push(nodes.indexOf(each));
      list.remove(each);
    }
    expect([seen, list.size]).toEqual([[0, 1, 2, 3], 0]);
  });

  test("lets a collection of young objects free those who left", () => {
    const list = new SessionList();
    const left = youngGarbage(
      node,
      (one) => list.add(one),
      (one) => list.remove(one),
    );
    expect(left).toBeLessThan(MOST_YOUNG_GARBAGE);
  });
});
