import { download } from "./download.ts";
import type { Experiment } from "./experiment.ts";
import { latencyAtOne, latencyAtSixteen } from "./latency.ts";
import { busyMemory } from "./memory.ts";
import { connectionPerRequest, manyConnections, realRequests, tinyRequests } from "./requests.ts";
import { stalledDownloads } from "./stalled.ts";

/** In the order in which they run. Those that start the proxies anew come last: the others want them warm. */
export const EXPERIMENTS: readonly Experiment[] = [
  tinyRequests,
  realRequests,
  manyConnections,
  connectionPerRequest,
  download,
  latencyAtOne,
  latencyAtSixteen,
  busyMemory,
  stalledDownloads,
];
