/** A terminal that nobody reads, or that somebody has stopped (Ctrl-S), takes no more than a few KiB: who writes waits. */
import { Errno } from "./errno.ts";
import { open } from "./file.ts";
import { errno, libc } from "./libc.ts";

/** O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC */
const WITHOUT_WAITING = 0o2004401;

/**
 * The terminal of a file descriptor opened once more, so that writing to it does not wait and does so for nobody else
 * who has it open, such as a shell. -1 if this user may not.
 */
export function openTerminal(fd: number): number {
  return open(`/proc/self/fd/${fd}`, WITHOUT_WAITING);
}

/** How many of the bytes it took: 0 if it takes none now, -1 if it never will. */
export function writeToTerminal(fd: number, bytes: Uint8Array): number {
  const taken = Number(libc.write(fd, bytes, bytes.byteLength));
  return taken < 0 && errno() === Errno.EAGAIN ? 0 : taken;
}
