/** Requests as fast as they are answered: what one costs the proxy. */
import { REAL, type Shape, TINY } from "../load/shapes.ts";
import { runWrk, type WrkResult } from "../load/wrk.ts";
import { cpuPerUnit } from "./cpu.ts";
import type { Experiment } from "./experiment.ts";

const CONNECTIONS = 64;

function requests(name: string, title: string, headers: readonly string[], connections: number): Experiment {
  return {
    name,
    title,
    includes: () => true,
    async measure({ client }, target, { seconds }) {
      const load = { url: target.url(), connections, seconds, headers };
      const { done, figures } = await cpuPerUnit(
        target,
        "request",
        () => runWrk(client, load),
        (result: WrkResult) => result.requests,
      );
      return { ...figures, "requests/s": done.requests / done.seconds };
    },
  };
}

function keepAlive({ name, headers }: Shape, connections = CONNECTIONS): Experiment {
  const title = `${name} requests over ${connections} keep-alive connections`;
  return requests(`requests-${name}`, title, headers, connections);
}

export const tinyRequests = keepAlive(TINY);
export const realRequests = keepAlive(REAL);
export const manyConnections: Experiment = {
  ...keepAlive(REAL, 1000),
  name: "requests-1000",
  share: 0.5,
};
export const connectionPerRequest: Experiment = requests(
  "connections",
  `a new connection for every request, ${CONNECTIONS} at a time`,
  [...TINY.headers, "Connection: close"],
  CONNECTIONS,
);
