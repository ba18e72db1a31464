/** Requests at a steady pace far below the limit: what a caller waits. */
import { besideBusyCores } from "../load/busy.ts";
import { favouring, REAL_TIME } from "../load/priority.ts";
import { runForJson, scriptCommand } from "../load/script.ts";
import { whyNoCpuLimit, withCpuLimit } from "../stage/cpu-limit.ts";
import type { Stage } from "../stage/stage.ts";
import type { Target } from "../stage/target.ts";
import type { Effort, Experiment, Figures } from "./experiment.ts";

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
}

const US_PER_MS = 1000;
const HALF_A_CORE = 0.5;

type Ask = (stage: Stage, target: Target, effort: Effort) => Promise<Figures>;

function paced(connections: number, perSecond: number, launcher: readonly string[] = []): Ask {
  return async ({ client }, { pod, plan }, { seconds }) => {
    const args = [pod.ip4, plan.port, connections, perSecond, seconds];
    const command = [...launcher, ...scriptCommand("paced.ts", args)];
    const { p50Ms, p99Ms } = await runForJson<Latency>(client, command);
    return { "p50 µs": p50Ms * US_PER_MS, "p99 µs": p99Ms * US_PER_MS };
  };
}

const one = paced(1, 500);
const sixteen = paced(16, 1600);
const sixteenInRealTime = paced(16, 1600, REAL_TIME);
const SIXTEEN = "1600 requests a second over 16 connections";

export const latencyAtOne: Experiment = {
  name: "latency-1",
  title: "500 requests a second over one connection",
  includes: () => true,
  measure: one,
};

export const latencyAtSixteen: Experiment = {
  name: "latency-16",
  title: SIXTEEN,
  includes: () => true,
  measure: sixteen,
};

/** Only the proxy is to feel them: if the client and nginx had to wait too, that would hide how long the proxy waits. */
function besideNeighbours(name: string, title: string, pinned: boolean): Experiment {
  return {
    name,
    title: `${SIXTEEN}, ${title}`,
    share: 0.7,
    includes: ({ plan }) => plan.kind !== "tcp",
    measure(stage, target, effort) {
      const ask = () => favouring(target.nginx.pid, () => sixteenInRealTime(stage, target, effort));
      return besideBusyCores(stage.client, pinned, ask);
    },
  };
}

export const latencyBesideBusy = besideNeighbours(
  "latency-16-busy",
  "the proxy's neighbours busy on every core",
  true,
);
export const latencyBesideRoaming = besideNeighbours(
  "latency-16-roaming",
  "the same neighbours free to move",
  false,
);

export const latencyUnderLimit: Experiment = {
  name: "latency-16-limited",
  title: `${SIXTEEN}, the proxy limited to half a core`,
  share: 0.7,
  includes: (target) => target.hasProxy && target.plan.kind === "http",
  obstacle: whyNoCpuLimit,
  measure: (stage, target, effort) =>
    withCpuLimit(target.pid, HALF_A_CORE, () => sixteen(stage, target, effort)),
};
