/**
 * Neighbours: one process per core that computes without end, at the usual priority. Only the proxy is to feel them:
 * the client and nginx run at real-time priority meanwhile, or their waiting would hide the proxy's.
 */
import { cpus } from "node:os";
import type { Pod } from "../../examples/lab/pod.ts";
import { PATH } from "../stage/nginx.ts";

/** Should nobody end it, it has used up its CPU time after so long. */
const LOOP = "ulimit -t 60; while :; do :; done";
/** Any priority is above all that is usual. */
const PRIORITY = "10";

/** Starts the command that follows at real-time priority. */
export const REAL_TIME: readonly string[] = ["chrt", "--fifo", PRIORITY];

/** Runs `work` beside one busy process per core, each kept on its own core or free to move. */
export async function besideBusyCores<T>(pod: Pod, pinned: boolean, work: () => Promise<T>): Promise<T> {
  const busy = cpus().map((_, core) => spawnBusy(pod, pinned ? ["taskset", "-c", `${core}`] : []));
  try {
    return await work();
  } finally {
    for (const child of busy) child.kill("SIGKILL");
    await Promise.all(busy.map(({ exited }) => exited));
  }
}

function spawnBusy(pod: Pod, launcher: readonly string[]): Bun.Subprocess {
  const command = [...launcher, "/bin/sh", "-c", LOOP];
  return pod.spawn(command, { env: PATH, stdout: "ignore", stderr: "inherit" });
}

/** Runs `work` while the process `pid`, of one thread, has real-time priority. */
export async function inRealTime<T>(pid: number, work: () => Promise<T>): Promise<T> {
  schedule(pid, "--fifo", PRIORITY);
  try {
    return await work();
  } finally {
    schedule(pid, "--other", "0");
  }
}

/** Throws with the words of chrt. */
function schedule(pid: number, policy: string, priority: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["chrt", policy, "--pid", priority, `${pid}`]);
  if (exitCode !== 0) throw new Error(`chrt ${policy}: ${stderr.toString().trim()}`);
}
