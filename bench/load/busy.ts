/** Neighbours: one process per core that computes without end, at the usual priority. */
import { cpus } from "node:os";
import type { Pod } from "../../examples/lab/pod.ts";
import { PATH } from "../stage/nginx.ts";

/** Should nobody end it, it has used up its CPU time after so long. */
const LOOP = "ulimit -t 60; while :; do :; done";
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
