/** How the cost of a request grows with what may grow: connections, and the size of the head. */
import { filledTo, REAL } from "../load/shapes.ts";
import type { Experiment, Figures } from "./experiment.ts";
import { costOf } from "./requests.ts";

const CONNECTIONS = [1, 64, 1000];
/** haproxy reads heads of up to 15 kB by default. */
const HEAD_BYTES = [1000, 4000, 12000];

export const growthWithConnections: Experiment = {
  name: "growth-connections",
  title: `CPU µs per request over ${CONNECTIONS.join(", ")} keep-alive connections`,
  share: 0.35,
  includes: (target) => target.hasProxy,
  async measure(stage, target, effort) {
    const figures: Record<string, number> = {};
    for (const connections of CONNECTIONS) {
      figures[`${connections}`] = cpuOf(await costOf(stage, target, effort, REAL.headers, connections));
    }
    return figures;
  },
};

export const growthWithHead: Experiment = {
  name: "growth-head",
  title: `CPU µs per request with heads of ${HEAD_BYTES.join(", ")} bytes`,
  share: 0.35,
  includes: (target) => target.hasProxy,
  async measure(stage, target, effort) {
    const figures: Record<string, number> = {};
    for (const bytes of HEAD_BYTES) {
      figures[`${bytes} B`] = cpuOf(await costOf(stage, target, effort, filledTo(bytes)));
    }
    return figures;
  },
};

function cpuOf(figures: Figures): number {
  return figures["CPU µs/request"]!;
}
