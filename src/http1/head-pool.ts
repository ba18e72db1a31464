import { Head, NO_BYTES } from "./head.ts";

/** As many as wait for observers at the same time (CROWD of turn.ts). */
const MAX_IDLE = 64;
/** More fields are rare, and their memory, 24 bytes each, is not worth keeping. */
const MAX_ROOM = 128;

const idle: Head[] = [];

/** A head to be filled, the caller's until `giveBackHead`. */
export function takeHead(): Head {
  return idle.pop() ?? new Head();
}

/** Takes back a head that nobody will look at again. */
export function giveBackHead(head: Head): void {
  head.buf = NO_BYTES;
  if (idle.length < MAX_IDLE && head.room <= MAX_ROOM) idle.push(head);
}
