import { Head, NO_BYTES } from "./head.ts";

/** As many as wait for observers at the same time (CROWD of turn.ts). */
const MAX_IDLE = 64;
/** More than 128 fields are rare, and their memory is not worth keeping. */
const MAX_FIELD_BYTES = 128 * 24;

const idle: Head[] = [];

/** A head to be filled, the caller's until `giveBackHead`. */
export function takeHead(): Head {
  return idle.pop() ?? new Head();
}

/** Takes back a head that nobody will look at again. */
export function giveBackHead(head: Head): void {
  head.buf = NO_BYTES;
  if (idle.length < MAX_IDLE && head.fieldBytes <= MAX_FIELD_BYTES) idle.push(head);
}
