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

const STEADY_CONNECTIONS = 1000;
const TIMES_LONGER = 15;
/** When one looks, as shares of the time: the first look is after wrk has opened all connections. */
const LOOKS = { early: 0.3, middle: 0.6, late: 0.95 };

export const memoryOverTime: Experiment = {
  name: "memory-time",
  title: `memory while ${STEADY_CONNECTIONS} connections stay busy, ${TIMES_LONGER} times as long as other measurements`,
  share: 0.1,
  includes: ({ hasProxy, plan }) => hasProxy && plan.kind === "http",
  async measure({ client }, target, effort) {
    await target.restart();
    const seconds = effort.seconds * TIMES_LONGER;
    const load = { url: target.url(), connections: STEADY_CONNECTIONS, seconds, headers: REAL.headers };
    const looks = Object.entries(LOOKS).map(([when, share]) => anonAfter(target, when, seconds * share));
    const [figures] = await Promise.all([Promise.all(looks), runWrk(client, load)]);
    return Object.assign({}, ...figures);
  },
};

async function anonAfter(target: Target, when: string, seconds: number): Promise<Figures> {
  await Bun.sleep(seconds * 1000);
  return { [`${when} anon MB`]: target.memory().anonBytes / 1e6 };
}
