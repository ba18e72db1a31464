/**
 * The C library, called directly: the only importer of bun:ffi.
 *
 * Buffers: pass the typed array itself on every call and allocate it over an explicit ArrayBuffer. A pointer
 * taken once goes stale (JavaScriptCore moves the storage of small typed arrays when somebody touches
 * `.buffer`), the call still succeeds, and JavaScript reads old bytes: the wrong original destination.
 */
import { dlopen, FFIType, ptr, read } from "bun:ffi";

const SYMBOLS = {
  __errno_location: { args: [], returns: "ptr" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  open: { args: ["ptr", "i32", "i32"], returns: "i32" },
  setns: { args: ["i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  accept4: { args: ["i32", "ptr", "ptr", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: FFIType.i64_fast },
  read: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  write: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  isatty: { args: ["i32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: FFIType.i64_fast },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
} as const;

/** The C library functions this program uses, with their C signatures. -1 means failure: ask `errno()` at once. */
export const libc = openLibc();

/** Where `bytes` are. Only for memory over an explicit ArrayBuffer of which nobody touches `.buffer`, see above. */
export function addressOf(bytes: Uint8Array): bigint {
  return BigInt(ptr(bytes));
}

const errnoLocation = libc.__errno_location()!;

/** The error number of the last failed call on this thread. Valid only until the next call. */
export function errno(): number {
  return read.i32(errnoLocation, 0);
}

function openLibc() {
  try {
    return dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
    return dlopen(`libc.musl-${machine}.so.1`, SYMBOLS).symbols;
  }
}
