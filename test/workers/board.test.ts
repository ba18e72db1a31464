import { expect, test } from "bun:test";
import type { Connection } from "../../src/proxy/handler.ts";
import { Board } from "../../src/workers/board.ts";

const ANY = {} as Connection;

test("each event loop counts for itself, and everybody sees the sum", () => {
  const memory = Board.allocate(2);
  const [one, other] = [new Board(memory).observer(1), new Board(memory).observer(2)];
  one.opened(ANY);
  other.opened(ANY);
  other.opened(ANY);
  other.closed(ANY, "ended");
  const board = new Board(memory);
  expect(board.loops).toEqual([
    { open: 1, opened: 1 },
    { open: 1, opened: 2 },
  ]);
  expect(board.open).toBe(2);
});

test("connections of an event loop that is gone are not open any more, but have been", () => {
  const board = new Board(Board.allocate(2));
  board.observer(1).opened(ANY);
  board.observer(2).opened(ANY);
  board.clear(2);
  expect(board.open).toBe(1);
  expect(board.loops[1]).toEqual({ open: 0, opened: 1 });
});
