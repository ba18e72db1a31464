/** Are clock, file limit and connection table fit for a sidecar? */
import { possibleConnections } from "../proxy/capacity.ts";
import { error, type Finding, ok, warning } from "./finding.ts";

/** Two clocks, read in the same moment. */
export interface Moment {
  readonly wallAtMs: number;
  /** A clock that never goes back. */
  readonly steadyMs: number;
}

const EARLIEST_AT = Date.UTC(2026, 0);
const LATEST_AT = Date.UTC(2100, 0);
/** What NTP may correct in the seconds that a check takes, and more. */
const DRIFT_MAX_MS = 100;
/** Dates have whole seconds, and travel. */
const DIFFERENCE_MAX_MS = 5000;
const FEW_CONNECTIONS = 1000;
const FULL = 0.8;
const CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack";

/** `before` and `after` the check; `dateAtMs` is what a collector's clock said in between, or null. */
export function checkClock(before: Moment, after: Moment, dateAtMs: number | null): Finding[] {
  const now = new Date(after.wallAtMs).toISOString();
  const passedMs = after.steadyMs - before.steadyMs;
  const jumpMs = Math.round(after.wallAtMs - before.wallAtMs - passedMs);
  const hint = "set the clock of the machine, and keep it by NTP: spans are placed by it";
  if (after.wallAtMs < EARLIEST_AT || after.wallAtMs > LATEST_AT) {
    return [error("clock", `the clock says ${now}, which cannot be`, hint)];
  }
  if (Math.abs(jumpMs) > DRIFT_MAX_MS) {
    const message = `the clock was set by ${jumpMs} ms within ${Math.round(passedMs)} ms of the monotonic one`;
    return [warning("clock", message, hint)];
  }
  if (dateAtMs === null) {
    return [
      ok(
        "clock",
        `the clock says ${now}, and runs like the monotonic one; there was no other to compare it with`,
      ),
    ];
  }
  const apartMs = after.wallAtMs - dateAtMs;
  const apart = `${Math.round(Math.abs(apartMs) / 1000)} s ${apartMs < 0 ? "behind" : "ahead of"} the collector's`;
  if (Math.abs(apartMs) > DIFFERENCE_MAX_MS + passedMs)
    return [warning("clock", `the clock is ${apart}`, hint)];
  return [ok("clock", `the clock says ${now}, like the collector's to the second or so`)];
}

/** `files` is the soft limit of this process, `asked` what NETRA_MAX_CONNECTIONS says, 0 for the default. */
export function checkFiles(files: number, asked: number): Finding {
  const possible = possibleConnections(files);
  const message = `the file limit of this process is ${files}, enough for ${possible} connections`;
  const hint = "raise the limit of open files (ulimit -n, LimitNOFILE=) for the sidecar";
  if (asked > possible) return warning("files", `${message}, NETRA_MAX_CONNECTIONS asks for ${asked}`, hint);
  return possible < FEW_CONNECTIONS ? warning("files", message, hint) : ok("files", message);
}

/** Nothing where the kernel does not tell; `readText` gives the text of a file, or null. */
export function checkConntrack(readText: (path: string) => string | null): Finding[] {
  const [entries, limit] = ["count", "max"].map((name) =>
    Number(readText(`${CONNTRACK}_${name}`)?.trim() || NaN),
  );
  if (!(entries! >= 0 && limit! > 0)) return [];
  const message = `the kernel tracks ${entries} of at most ${limit} connections`;
  const hint = "raise net.netfilter.nf_conntrack_max on the machine: beyond it new connections are dropped";
  return [entries! > limit! * FULL ? warning("conntrack", message, hint) : ok("conntrack", message)];
}
