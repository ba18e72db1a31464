/** What little the sidecar asks of files: `node:fs` takes 0.6 MB of memory, `node:tty` 1.8. */
import { libc } from "./libc.ts";

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const O_RDONLY_CLOEXEC = 0o2000000;
const MAX_BYTES = 4096;

const buffer = new Uint8Array(new ArrayBuffer(MAX_BYTES));

/** open(2): a file descriptor, or -1. */
export function open(path: string, flags: number): number {
  return libc.open(Buffer.from(`${path}\0`), flags, 0);
}

/** The text of a small file, such as one below /proc/sys; of a longer one its first 4 KiB. Null if it cannot be read. */
export function readText(path: string): string | null {
  const fd = open(path, O_RDONLY_CLOEXEC);
  if (fd < 0) return null;
  const length = Number(libc.read(fd, buffer, MAX_BYTES));
  libc.close(fd);
  return length < 0 ? null : new TextDecoder().decode(buffer.subarray(0, length));
}

/** Whether a file descriptor is a terminal's: isatty(3). */
export function isTerminal(fd: number): boolean {
  return libc.isatty(fd) === 1;
}
