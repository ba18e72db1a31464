import type { Pod } from "../../examples/lab/pod.ts";
import { PATH } from "../stage/nginx.ts";

export interface WrkLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers: readonly string[];
}

export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
}

/** wrk's own soft limit would stop it at 1024 connections. */
const RAISE_FILE_LIMIT = 'ulimit -n "$(ulimit -H -n)" && exec wrk "$@"';

/** Runs wrk in `pod` to its end. Throws if an answer was not 2xx or a connection broke: then nothing was measured. */
export async function runWrk(pod: Pod, { url, connections, seconds, headers }: WrkLoad): Promise<WrkResult> {
  const load = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const lines = headers.flatMap((header) => ["-H", header]);
  const command = ["/bin/sh", "-c", RAISE_FILE_LIMIT, "wrk", ...load, ...lines, url];
  const { code, stdout, stderr } = await pod.run(command, { env: PATH });
  if (code !== 0) throw new Error(`wrk ended with exit code ${code}: ${stderr.trim() || stdout.trim()}`);
  return parseWrk(stdout);
}

/** Reads wrk's report: `N requests in N.NNs, ...`, and what it says only when something went wrong. */
export function parseWrk(report: string): WrkResult {
  const trouble = /^\s*(Socket errors|Non-2xx).*$/m.exec(report);
  if (trouble !== null) throw new Error(`wrk reports trouble: ${trouble[0].trim()}`);
  const done = /^\s*(\d+) requests in ([\d.]+)(ms|s|m),/m.exec(report);
  if (done === null || done[1] === "0") throw new Error(`wrk completed no request:\n${report}`);
  return { requests: Number(done[1]), seconds: Number(done[2]) * SECONDS[done[3]!]! };
}

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60 };
