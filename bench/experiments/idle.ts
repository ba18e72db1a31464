/** What a proxy that nobody asks anything costs. */
import { cpuMs } from "../cpu-clock.ts";
import type { Experiment } from "./experiment.ts";

const SETTLE_MS = 2000;
/** Timers of a few seconds are to show. */
const TIMES_LONGER = 4;

export const idle: Experiment = {
  name: "idle",
  title: "a fresh process without connections",
  share: 0.2,
  includes: (target) => target.hasProxy,
  async measure(_, target, { seconds }) {
    await target.restart();
    await Bun.sleep(SETTLE_MS);
    const watchedSeconds = seconds * TIMES_LONGER;
    const before = cpuMs(target.pid);
    await Bun.sleep(watchedSeconds * 1000);
    return { "CPU ms/s": (cpuMs(target.pid) - before) / watchedSeconds };
  },
};
