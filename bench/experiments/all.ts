import { download } from "./download.ts";
import type { Experiment } from "./experiment.ts";
import { growthWithConnections, growthWithHead } from "./growth.ts";
import { idle } from "./idle.ts";
import {
  latencyAtOne,
  latencyAtSixteen,
  latencyBesideBusy,
  latencyBesideRoaming,
  latencyUnderLimit,
} from "./latency.ts";
import { busyMemory, memoryOverTime } from "./memory.ts";
import { connectionPerRequest, realRequests, tinyRequests } from "./requests.ts";
import { stalledDownloads } from "./stalled.ts";
import { start } from "./start.ts";

/** In the order in which they run. Those that start the proxies anew come last: the others want them warm. */
export const EXPERIMENTS: readonly Experiment[] = [
  tinyRequests,
  realRequests,
  growthWithConnections,
  growthWithHead,
  connectionPerRequest,
  download,
  latencyAtOne,
  latencyAtSixteen,
  latencyBesideBusy,
  latencyBesideRoaming,
  latencyUnderLimit,
  busyMemory,
  memoryOverTime,
  stalledDownloads,
  idle,
  start,
];
