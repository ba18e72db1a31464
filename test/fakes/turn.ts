import { type Departing, departLater } from "../../src/proxy/turn.ts";

/** As many as leave before the end of a turn. */
export const CROWD = 64;

/** Leaves with nothing. */
export const idler: Departing = { depart() {}, failed() {} };

/** A turn in which much departs: in the next one nothing does before its end. */
export function haveBusyTurn(): Promise<void> {
  departLater(idler);
  departLater(idler);
  return nextTurn();
}

/** Turns in which nothing departs: in the next one the first bytes do at once. */
export async function haveQuietTurn(): Promise<void> {
  await nextTurn();
  departLater(idler);
  await nextTurn();
}

/** Lets what is due in the next turn of the loop happen. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
