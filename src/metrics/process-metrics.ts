/** The process as Prometheus' client libraries describe theirs, and the connection table of its network namespace. */
import type { Exposition, FamilyType } from "./exposition.ts";

const BYTES_PER_KB = 1024;
const CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack";

/** What of the process is asked here; tests put something else in its place. */
export interface ProcessView {
  /** The text of a file, null if it cannot be read. */
  readText(path: string): string | null;
  openFiles(): number;
  /** The soft limit. */
  readonly maxFiles: number;
  /** User and system time. */
  cpuUs(): number;
  /** Wall clock. */
  readonly startedAtMs: number;
}

/** This process. */
export function ownProcess(maxFiles: number): ProcessView {
  return {
    readText,
    openFiles,
    maxFiles,
    cpuUs: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    startedAtMs: performance.timeOrigin,
  };
}

export function writeProcess(out: Exposition, view: ProcessView): void {
  const one = (type: FamilyType, name: string, help: string, value: number | null) => {
    if (value === null) return;
    out.family(type, name, help);
    out.value("", value);
  };
  const status = view.readText("/proc/self/status") ?? "";
  one("counter", "process_cpu_seconds", "User and system time.", view.cpuUs() / 1e6);
  one("gauge", "process_resident_memory_bytes", "Resident memory.", bytes(status, "VmRSS"));
  one("gauge", "process_virtual_memory_bytes", "Virtual memory.", bytes(status, "VmSize"));
  one(
    "gauge",
    "netramesh_anonymous_memory_bytes",
    "Resident memory that is no file's.",
    bytes(status, "RssAnon"),
  );
  one("gauge", "process_open_fds", "Open file descriptors.", view.openFiles());
  one("gauge", "process_max_fds", "How many file descriptors may be open.", view.maxFiles);
  one("gauge", "process_start_time_seconds", "When it started, Unix time.", view.startedAtMs / 1000);
  one(
    "gauge",
    "netramesh_conntrack_entries",
    "Connections that this network namespace tracks.",
    number(view, "count"),
  );
  one("gauge", "netramesh_conntrack_entries_limit", "How many it may track.", number(view, "max"));
}

function bytes(status: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  return found === null ? null : Number(found[1]) * BYTES_PER_KB;
}

function number(view: ProcessView, name: string): number | null {
  const text = view.readText(`${CONNTRACK}_${name}`)?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}

function readText(path: string): string | null {
  try {
    return fileSystem().readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Since Linux 6.2 the size of the directory is their number; before it is 0, and they have to be listed. */
function openFiles(): number {
  const { statSync, readdirSync } = fileSystem();
  return statSync("/proc/self/fd").size || readdirSync("/proc/self/fd").length;
}

/** Loaded by the first scrape: a sidecar that nobody scrapes saves 0.6 MB. */
function fileSystem(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}
