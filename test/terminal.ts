/** A pseudo-terminal, pty(7): what is written to `slave` waits until somebody reads `master`, which never waits. */
import { closeSync, constants, openSync } from "node:fs";
import { libc } from "../ffi/libc.ts";

/** include/uapi/asm-generic/ioctls.h */
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;

export function openTerminalPair(): { master: number; slave: number; close(): void } {
  const flags = constants.O_RDWR | constants.O_NOCTTY;
  const master = openSync("/dev/ptmx", flags | constants.O_NONBLOCK);
  const value = new Int32Array(new ArrayBuffer(4));
  libc.ioctl(master, TIOCSPTLCK, value);
  libc.ioctl(master, TIOCGPTN, value);
  const slave = openSync(`/dev/pts/${value[0]}`, flags);
  return {
    master,
    slave,
    close() {
      for (const fd of [slave, master]) closeSync(fd);
    },
  };
}
