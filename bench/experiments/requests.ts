/** Requests as fast as they are answered: what one costs the proxy. */
import { REAL, type Shape, TINY } from "../load/shapes.ts";
import { runWrk, type WrkResult } from "../load/wrk.ts";
import type { Stage } from "../stage/stage.ts";
import type { Target } from "../stage/target.ts";
import { cpuPerUnit } from "./cpu.ts";
import type { Effort, Experiment, Figures } from "./experiment.ts";

const CONNECTIONS = 64;

/** CPU per request of `target` under such requests. */
export async function costOf(
  { client }: Stage,
  target: Target,
  { seconds }: Effort,
  headers: readonly string[],
  connections = CONNECTIONS,
): Promise<Figures> {
  const load = { url: target.url(), connections, seconds, headers };
  const { done, figures } = await cpuPerUnit(
    target,
    "request",
    () => runWrk(client, load),
    (result: WrkResult) => result.requests,
  );
  return { ...figures, "requests/s": done.requests / done.seconds };
}

function keepAlive({ name, headers }: Shape): Experiment {
  return {
    name: `requests-${name}`,
    title: `${name} requests over ${CONNECTIONS} keep-alive connections`,
    includes: () => true,
    measure: (stage, target, effort) => costOf(stage, target, effort, headers),
  };
}

export const tinyRequests = keepAlive(TINY);
export const realRequests = keepAlive(REAL);
export const connectionPerRequest: Experiment = {
  name: "connections",
  title: `a new connection for every request, ${CONNECTIONS} at a time`,
  includes: () => true,
  measure: (stage, target, effort) => costOf(stage, target, effort, [...TINY.headers, "Connection: close"]),
};
