/**
 * Runs one synchronous step of a test inside a network namespace, or as another user, by moving this thread
 * there and back: a socket belongs for life to the namespace and the user that made it.
 */
import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

const { symbols: libc } = dlopen("libc.so.6", {
  setns: { args: ["i32", "i32"], returns: "i32" },
  setfsuid: { args: ["u32"], returns: "i32" },
  setfsgid: { args: ["u32"], returns: "i32" },
});

const CLONE_NEWNET = 0x40000000;

/** What `body` returns; `body` must make its sockets before it returns. */
export function inNamespace<T>(name: string, body: () => T): T {
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    enter(openSync(`/run/netns/${name}`, "r"));
    return body();
  } finally {
    enter(home);
  }
}

/** Runs `body` as the file system user and group that the kernel stamps on new sockets. */
export function asOwner<T>({ uid = 0, gid = 0 }, body: () => T): T {
  libc.setfsgid(gid);
  libc.setfsuid(uid);
  try {
    return body();
  } finally {
    libc.setfsuid(0);
    libc.setfsgid(0);
  }
}

function enter(fd: number): void {
  const failed = libc.setns(fd, CLONE_NEWNET) !== 0;
  closeSync(fd);
  if (failed) throw new Error("setns failed: this test needs root");
}
