/** A CPU limit as Kubernetes sets one: a control group, version 2 (cpu.max) or 1 (cpu.cfs_quota_us). */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PERIOD_US = 100_000;
const V2 = "/sys/fs/cgroup";
const V1 = "/sys/fs/cgroup/cpu";
const GROUP = `nmbench-${process.pid}`;

/** Runs `work` while the process `pid` may use no more than `cores` (0.5: half a core). Throws if that cannot be. */
export async function withCpuLimit<T>(pid: number, cores: number, work: () => Promise<T>): Promise<T> {
  const home = homeOf(pid);
  const group = openGroup(cores);
  try {
    move(pid, group);
    return await work();
  } finally {
    if (existsSync(`/proc/${pid}`)) move(pid, home);
    rmdirSync(group);
  }
}

/** Why no limit can be set here, in the kernel's words; null if one can. */
export function whyNoCpuLimit(): string | null {
  try {
    rmdirSync(openGroup(1));
    return null;
  } catch (error) {
    return `no control group with a CPU limit can be made here (${(error as Error).message})`;
  }
}

function openGroup(cores: number): string {
  const group = join(root(), GROUP);
  mkdirSync(group, { recursive: true });
  try {
    setLimit(group, Math.round(cores * PERIOD_US));
    return group;
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
}

function setLimit(group: string, quotaUs: number): void {
  if (isV2()) {
    writeFileSync(join(group, "cpu.max"), `${quotaUs} ${PERIOD_US}`);
  } else {
    writeFileSync(join(group, "cpu.cfs_period_us"), `${PERIOD_US}`);
    writeFileSync(join(group, "cpu.cfs_quota_us"), `${quotaUs}`);
  }
}

/** All threads of the process. */
function move(pid: number, group: string): void {
  writeFileSync(join(group, "cgroup.procs"), `${pid}`);
}

/** The group that the process is in now: a line `ID:CONTROLLERS:PATH` of /proc/PID/cgroup (man 7 cgroups). */
function homeOf(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  const line = lines.map((text) => text.split(":")).find(([, names]) => isOurs(names!.split(",")));
  if (line === undefined) throw new Error(`process ${pid} is in no control group for CPU time`);
  return join(root(), line[2]!);
}

function isOurs(controllers: readonly string[]): boolean {
  return isV2() ? controllers[0] === "" : controllers.includes("cpu");
}

function isV2(): boolean {
  return existsSync(join(V2, "cgroup.controllers"));
}

function root(): string {
  return isV2() ? V2 : V1;
}
