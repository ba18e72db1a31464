/** execve(2) of the running program, for what only takes effect when it begins. */
import { readFileSync } from "node:fs";
import { addressOf, libc } from "./libc.ts";

/**
 * Begins again as the same process: same id, user, standard streams and arguments, and with `variables` (`NAME=value`) in
 * the environment besides. Returns only if that cannot be done; then nothing has changed.
 */
export function beginAgainWith(variables: readonly string[]): void {
  try {
    const words = fixed(readFileSync("/proc/self/cmdline"));
    const more = Buffer.from(variables.map((each) => `${each}\0`).join(""));
    const environment = fixed(Buffer.concat([readFileSync("/proc/self/environ"), more]));
    libc.execve(Buffer.from(`${process.execPath}\0`), addresses(words), addresses(environment));
  } catch {
    // Who is not dumpable (an executable that it may not read, file capabilities) may not read its environment either.
  }
}

/** Memory that is only pointed at, so that it is not collected. */
const held: Uint8Array[] = [];

/** A copy in memory whose address stays. */
function fixed(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  held.push(copy);
  return copy;
}

/** Of the strings in `block`, each of which ends with a zero byte; then a null pointer. */
function addresses(block: Uint8Array): BigUint64Array {
  const starts = [0];
  for (let at = block.indexOf(0); at >= 0; at = block.indexOf(0, at + 1)) starts.push(at + 1);
  const list = new BigUint64Array(new ArrayBuffer(starts.length * 8));
  const base = addressOf(block);
  // What begins behind the last zero is nothing: its place is that of the null pointer.
  for (let i = 0; i < starts.length - 1; i++) list[i] = base + BigInt(starts[i]!);
  return list;
}
