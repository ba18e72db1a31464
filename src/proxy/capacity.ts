import type { Direction } from "./handler.ts";

/** What holds files besides the listener. */
export interface Load {
  /** Sessions that are not over: two files each. */
  readonly openConnections: number;
  /** Dials given up on that the kernel still holds: one file each. */
  readonly deadDials: number;
}

/** For what is not traffic: ten of the process itself, the endpoints (endpoints.ts) and the dials of probes. */
const RESERVED_FILES = 64;
const FILES_PER_CONNECTION = 2;

/** How many connections a process may have that may open `files`: above it, they would hang instead of being reset. */
export function possibleConnections(files: number): number {
  return Math.max(1, Math.floor((files - RESERVED_FILES) / FILES_PER_CONNECTION));
}

/**
 * Whether one more connection in `direction` is too many for the files of `maxConnections`, two each.
 *
 * A dead dial holds one file, so inbound it counts as half a connection. Outbound it counts as a whole one: dead dials
 * come from outbound connections to an address that says nothing, and are thus refused when they hold half the files
 * at most; the other half stays with inbound. A session that dies on its dial gives one of its two files back, so
 * both rules keep within the files whatever dies later, of either direction.
 */
export function isFull(
  direction: Direction,
  { openConnections, deadDials }: Load,
  maxConnections: number,
): boolean {
  const dead = direction === "outbound" ? deadDials : Math.ceil(deadDials / 2);
  return openConnections + dead >= maxConnections;
}

/**
 * Whether what is held is more than the files of `maxConnections`. Only a session that leaves a dial behind and makes
 * another can bring that about: admission counts no third file for it.
 */
export function isOverdrawn({ openConnections, deadDials }: Load, maxConnections: number): boolean {
  return 2 * openConnections + deadDials > 2 * maxConnections;
}

/** Says what fills it. */
export function explainFull({ openConnections, deadDials }: Load, maxConnections: number): string {
  if (openConnections >= maxConnections) return `${openConnections} connections are open already`;
  return (
    `${openConnections} of at most ${maxConnections} connections are open ` +
    `(${deadDials} dials given up on that the kernel still holds)`
  );
}
