/** What little the sidecar asks of files: `node:fs` takes 0.6 MB of memory, `node:tty` 1.8. */
import { libc } from "./libc.ts";

const O_RDONLY_CLOEXEC = 0o2000000;
const MAX_BYTES = 4096;

const buffer = new Uint8Array(new ArrayBuffer(MAX_BYTES));

/** The text of a small file, such as one below /proc/sys; of a longer one its first 4 KiB. Null if it cannot be read. */
export function readText(path: string): string | null {
  const fd = libc.open(Buffer.from(`${path}\0`), O_RDONLY_CLOEXEC, 0);
  if (fd < 0) return null;
  const length = Number(libc.read(fd, buffer, MAX_BYTES));
  libc.close(fd);
  return length < 0 ? null : new TextDecoder().decode(buffer.subarray(0, length));
}

/** Whether a file descriptor is a terminal's: isatty(3). */
export function isTerminal(fd: number): boolean {
  return libc.isatty(fd) === 1;
}
