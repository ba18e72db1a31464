import type { Direction } from "../proxy/handler.ts";
import type { Exposition } from "./exposition.ts";
import type { Histogram } from "./histogram.ts";

export const DIRECTIONS: readonly Direction[] = ["inbound", "outbound"];

/** The slot of a direction in a histogram that has one for each. */
export function slotOf(direction: Direction): number {
  return direction === "inbound" ? 0 : 1;
}

/** The label of each direction, by slot. */
export const DIRECTION_LABELS = DIRECTIONS.map((direction) => `direction="${direction}"`);

/** A histogram with one series for each direction. */
export function writeByDirection(out: Exposition, histogram: Histogram, name: string, help: string): void {
  out.family("histogram", name, help);
  DIRECTION_LABELS.forEach((labels, slot) => {
    out.histogram(labels, histogram, slot);
  });
}
