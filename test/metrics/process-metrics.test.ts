import { expect, test } from "bun:test";
import { Exposition } from "../../src/metrics/exposition.ts";
import { ownProcess, type ProcessView, writeProcess } from "../../src/metrics/process-metrics.ts";

function scrape(view: ProcessView): string {
  const out = new Exposition("prometheus");
  writeProcess(out, view);
  return Buffer.from(out.end()).toString();
}

const FILES: Record<string, string> = {
  "/proc/self/status": "Name:\tx\nVmSize:\t   40 kB\nVmRSS:\t   30 kB\nRssAnon:\t    2 kB\n",
  "/proc/sys/net/netfilter/nf_conntrack_count": "12\n",
  "/proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
};

const VIEW: ProcessView = {
  readText: (path) => FILES[path] ?? null,
  openFiles: () => 9,
  maxFiles: 1024,
  cpuUs: () => 1_500_000,
  startedAtMs: 1_700_000_000_250,
};

test("the process is described under the names of Prometheus' libraries", () => {
  const values = scrape(VIEW)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(values).toEqual([
    "process_cpu_seconds_total 1.5",
    "process_resident_memory_bytes 30720",
    "process_virtual_memory_bytes 40960",
    "netramesh_anonymous_memory_bytes 2048",
    "process_open_fds 9",
    "process_max_fds 1024",
    "process_start_time_seconds 1700000000.25",
    "netramesh_conntrack_entries 12",
    "netramesh_conntrack_entries_limit 262144",
  ]);
});

test("what cannot be read is left out", () => {
  const text = scrape({ ...VIEW, readText: () => null });
  expect(text).not.toContain("conntrack");
  expect(text).not.toContain("memory");
  expect(text).toContain("process_open_fds 9\n");
});

test("this process has files, memory and a past", () => {
  const { openFiles, readText, cpuUs, startedAtMs, maxFiles } = ownProcess(77);
  expect(openFiles()).toBeGreaterThan(3);
  expect(readText("/proc/self/status")).toContain("VmRSS:");
  expect(readText("/proc/self/nothing")).toBe(null);
  expect(cpuUs()).toBeGreaterThan(0);
  expect(startedAtMs).toBeLessThanOrEqual(Date.now());
  expect(maxFiles).toBe(77);
});
