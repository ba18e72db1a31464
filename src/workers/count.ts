const CGROUP = "/sys/fs/cgroup";

/** What is asked of the machine. */
export interface Machine {
  readonly cores: number;
  /** The text of a file, null if it cannot be read. */
  readText(path: string): string | null;
}

/** How many event loops to run; `auto` is the whole cores that the process may use, at least 1 and at most 64. */
export function countLoops(asked: number | "auto", machine: Machine): number {
  if (asked !== "auto") return asked;
  const usable = Math.min(machine.cores, limitOf(machine), 64);
  return Math.max(1, Math.floor(usable));
}

/** The four of its own, and some for connections: with fewer of those another event loop is of no use. */
const FILES_PER_LOOP = 32;

/** How many event loops a process can have that may open `files`: those of more take the files of the whole process. */
export function possibleLoops(files: number): number {
  return Math.max(1, Math.floor(files / FILES_PER_LOOP));
}

/** The CPU limit in cores, of version 2 of control groups (cpu.max) or of version 1; infinite if there is none. */
function limitOf({ readText }: Machine): number {
  for (const group of [ownGroup(readText("/proc/self/cgroup") ?? ""), ""]) {
    const [quota, period] = (readText(`${CGROUP}${group}/cpu.max`) ?? "").split(" ").map(Number);
    if (isLimit(quota, period)) return quota! / period!;
    const quotaUs = Number(readText(`${CGROUP}/cpu${group}/cpu.cfs_quota_us`) ?? -1);
    const periodUs = Number(readText(`${CGROUP}/cpu${group}/cpu.cfs_period_us`) ?? 0);
    if (isLimit(quotaUs, periodUs)) return quotaUs / periodUs;
  }
  return Number.POSITIVE_INFINITY;
}

function isLimit(quota: number | undefined, period: number | undefined): boolean {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0;
}

/** A line `ID:CONTROLLERS:PATH`, man 7 cgroups. In a container the path may be one of its host, which is not there. */
function ownGroup(text: string): string {
  const path = /^\d+:(?:|(?:[^:]*,)?cpu(?:,[^:]*)?):(\/.*)$/m.exec(text)?.[1] ?? "";
  return path === "/" ? "" : path;
}
