/** Real-time priority: who has it runs at once, whatever else the machine does. */

/** Any priority is above all that is usual. */
const PRIORITY = "10";

/** Starts the command that follows at real-time priority. */
export const REAL_TIME: readonly string[] = ["chrt", "--fifo", PRIORITY];

/** From now on all threads of the process have real-time priority. */
export function favour(pid: number): void {
  schedule(pid, "--fifo", PRIORITY);
}

/** Runs `work` while the process has real-time priority. */
export async function favouring<T>(pid: number, work: () => Promise<T>): Promise<T> {
  favour(pid);
  try {
    return await work();
  } finally {
    schedule(pid, "--other", "0");
  }
}

/** Throws with the words of chrt. */
function schedule(pid: number, policy: string, priority: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["chrt", policy, "--all-tasks", "--pid", priority, `${pid}`]);
  if (exitCode !== 0) throw new Error(`chrt ${policy}: ${stderr.toString().trim()}`);
}
