/** For what is not traffic: ten of the process itself, the endpoints (endpoints.ts) and the dials of probes. */
const RESERVED_FILES = 64;
const FILES_PER_CONNECTION = 2;

/** How many connections a process may have that may open `files`: above it, they would hang instead of being reset. */
export function possibleConnections(files: number): number {
  return Math.max(1, Math.floor((files - RESERVED_FILES) / FILES_PER_CONNECTION));
}
