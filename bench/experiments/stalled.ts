/** Downloads whose client stops reading: what each makes the proxy hold, the kernel's own buffers aside. */

import type { Pod } from "../../examples/lab/pod.ts";
import { scriptCommand } from "../load/script.ts";
import { BIG_PATH } from "../stage/nginx.ts";
import type { Target } from "../stage/target.ts";
import type { Experiment } from "./experiment.ts";

const CONNECTIONS = 200;
/** All buffers on the way are full by then. */
const SETTLE_MS = 1500;

export const stalledDownloads: Experiment = {
  name: "stalled",
  title: `memory per stalled download, ${CONNECTIONS} of them`,
  share: 0.2,
  includes: (target) => target.hasProxy,
  async measure({ client }, target) {
    await target.restart();
    await Bun.sleep(SETTLE_MS);
    const before = target.memory().anonBytes;
    const stalled = await stall(client, target);
    await Bun.sleep(SETTLE_MS);
    const after = target.memory().anonBytes;
    stalled.kill("SIGKILL");
    await stalled.exited;
    return { "anon kB each": (after - before) / CONNECTIONS / 1000 };
  },
};

/** Resolves when every download has been asked for. */
async function stall(client: Pod, target: Target): Promise<Bun.Subprocess> {
  const args = [target.pod.ip4, target.plan.port, BIG_PATH, CONNECTIONS];
  const child = client.spawn(scriptCommand("stall.ts", args), { stderr: "inherit" });
  await (child.stdout as ReadableStream<Uint8Array>).getReader().read();
  if (child.exitCode !== null) throw new Error(`${target.name}: the stalled downloads did not start`);
  return child;
}
