import { dlopen } from "bun:ffi";

const { symbols: libc } = dlopen("libc.so.6", { clock_gettime: { args: ["i32", "ptr"], returns: "i32" } });
const time = new BigInt64Array(new ArrayBuffer(16));
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MS = 1e6;

/**
 * CPU time of a process since its start in milliseconds, to the nanosecond, which /proc does not tell: the clock that
 * clock_getcpuclockid(3) returns, built as include/linux/posix-timers_types.h does (CPUCLOCK_SCHED). Throws if the
 * process is gone.
 */
export function cpuMs(pid: number): number {
  if (libc.clock_gettime((~pid << 3) | 2, time) !== 0) throw new Error(`there is no process ${pid}`);
  return Number(time[0]! * NS_PER_SECOND + time[1]!) / NS_PER_MS;
}
