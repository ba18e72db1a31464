/** What a proxy holds: fresh from its start, and while many connections are busy. */
import { REAL } from "../load/shapes.ts";
import { runWrk } from "../load/wrk.ts";
import type { Memory } from "../process.ts";
import type { Stage } from "../stage/stage.ts";
import type { Target } from "../stage/target.ts";
import type { Experiment, Figures } from "./experiment.ts";

const CONNECTIONS = [1000, 4000];
const SETTLE_MS = 500;
const BUSY_SECONDS = 6;
/** wrk needs a while to open them all. */
const LOOK_AFTER_MS = 5000;

export const busyMemory: Experiment = {
  name: "memory",
  title: "memory of a fresh process, then with busy connections",
  share: 0.2,
  includes: (target) => target.hasProxy,
  async measure(stage, target) {
    await target.restart();
    await Bun.sleep(SETTLE_MS);
    const figures: Record<string, number> = megabytes("idle", target.memory());
    for (const connections of CONNECTIONS) {
      Object.assign(figures, megabytes(String(connections), await busy(stage, target, connections)));
    }
    return figures;
  },
};

async function busy({ client }: Stage, target: Target, connections: number): Promise<Memory> {
  const load = { url: target.url(), connections, seconds: BUSY_SECONDS, headers: REAL.headers };
  const running = runWrk(client, load);
  await Promise.race([running, Bun.sleep(LOOK_AFTER_MS)]);
  const held = target.memory();
  await running;
  return held;
}

function megabytes(when: string, { anonBytes, fileBytes }: Memory): Figures {
  return { [`${when} anon MB`]: anonBytes / 1e6, [`${when} file MB`]: fileBytes / 1e6 };
}
