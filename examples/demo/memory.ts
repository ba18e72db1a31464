import { readFileSync } from "node:fs";

/** What a process holds of the machine's memory. */
export interface Memory {
  /** All pages in memory, with those of the program file that all sidecars of a node share. */
  readonly rssBytes: number;
  /** Its own pages that stand for no file: what one sidecar more costs. */
  readonly anonymousBytes: number;
}

/** The memory of process `pid` (`/proc/PID/smaps_rollup`, Documentation/filesystems/proc.rst). */
export function memoryOf(pid: number): Memory {
  return parseRollup(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
}

/** `rollup` is the text of a smaps_rollup file; a line that is not there counts as 0. */
export function parseRollup(rollup: string): Memory {
  return { rssBytes: bytesOf(rollup, "Rss"), anonymousBytes: bytesOf(rollup, "Anonymous") };
}

function bytesOf(rollup: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? 0) * 1024;
}
