import { readFileSync } from "node:fs";

/** CPU time of a process since its start, all its threads together. */
export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

/** What a process holds in memory: its own pages, and those of its executable and libraries. */
export interface Memory {
  readonly anonBytes: number;
  readonly fileBytes: number;
}

/** USER_HZ is 100 on every Linux that matters, whatever the kernel's own HZ (man 5 proc_pid_stat). */
const MS_PER_TICK = 10;
const UTIME = 11;
const STIME = 12;

/** Throws if the process is gone. */
export function cpuTime(pid: number): CpuTime {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** `utime` and `stime` of a /proc/PID/stat line, whose second field may itself hold spaces and parentheses. */
export function parseStat(stat: string): CpuTime {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { userMs: Number(fields[UTIME]) * MS_PER_TICK, systemMs: Number(fields[STIME]) * MS_PER_TICK };
}

/** Throws if the process is gone. */
export function memory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { anonBytes: kilobytes(status, "RssAnon"), fileBytes: kilobytes(status, "RssFile") };
}

function kilobytes(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  if (found === null) throw new Error(`/proc/PID/status has no ${name}`);
  return Number(found[1]) * 1024;
}
