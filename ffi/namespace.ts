import { O_RDONLY_CLOEXEC, open } from "./file.ts";
import { errno, libc } from "./libc.ts";

const CLONE_NEWNET = 0x40000000;

/**
 * Moves the calling thread into the network namespace of a file such as /run/netns/NAME or /proc/PID/ns/net; what
 * it opens and starts from then on belongs there. The error number if that fails, else null.
 */
export function enterNamespace(path: string): number | null {
  const fd = open(path, O_RDONLY_CLOEXEC);
  if (fd < 0) return errno();
  const failed = libc.setns(fd, CLONE_NEWNET) < 0 ? errno() : null;
  libc.close(fd);
  return failed;
}
