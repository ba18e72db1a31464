/** Requests at a steady pace far below the limit: what a caller waits. */
import { runScript } from "../load/script.ts";
import type { Experiment } from "./experiment.ts";

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
}

const US_PER_MS = 1000;

function latency(connections: number, perSecond: number): Experiment {
  return {
    name: `latency-${connections}`,
    title: `${perSecond} requests a second over ${connections === 1 ? "one connection" : `${connections} connections`}`,
    includes: () => true,
    async measure({ client }, target, { seconds }) {
      const { ip4 } = target.pod;
      const args = [ip4, target.plan.port, connections, perSecond, seconds] as const;
      const { p50Ms, p99Ms } = await runScript<Latency>(client, "paced.ts", ...args);
      return { "p50 µs": p50Ms * US_PER_MS, "p99 µs": p99Ms * US_PER_MS };
    },
  };
}

export const latencyAtOne = latency(1, 500);
export const latencyAtSixteen = latency(16, 1600);
