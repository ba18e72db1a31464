/** What the profiling port answers: everything that reveals or changes something. Open to loopback only by default. */
import { describeConfig } from "../config/describe.ts";
import type { Drain } from "../drain.ts";
import { Bad, type Environment, integer, oneOf } from "../env.ts";
import { type AdjustableLog, LOG_LEVELS } from "../log.ts";
import { type ConnectionList, listConnections } from "./connection-list.ts";
import { type Answer, text } from "./http/answer.ts";
import type { Caller, Handler } from "./http/connection.ts";
import type { HttpRequest } from "./http/request.ts";
import { type Route, router } from "./http/router.ts";
import { pprofRoutes } from "./pprof/routes.ts";

/** No name but this one, that DNS does not know: an address, and a port or none. */
const ADDRESS_OR_LOCALHOST = /^(localhost|[\d.]+|\[[\da-f:.]+\])?(:\d*)?$/i;

const logLevel = oneOf(...LOG_LEVELS);
/** The first event loop is the process's own. */
const workerNumber = integer(2, 64);

export interface DebugPortOptions {
  readonly log: AdjustableLog;
  readonly drain: Drain;
  /** Connections open in all event loops. */
  readonly open: () => number;
  /** Those of the first one. */
  readonly connections: ConnectionList;
  /** Null if there is one event loop. */
  readonly workers: Workers | null;
  /** All variables that hold now. */
  readonly variables: () => Environment;
}

/** The event loops beside the process's own. */
export interface Workers {
  /** Their open connections, one text for each. */
  connections(): Promise<string[]>;
  /** Ends the one with this number and starts it again. False if it is not there. */
  restart(number: number): boolean;
}

export function debugPort(options: DebugPortOptions): Handler {
  const { log, drain, open, connections, workers, variables } = options;
  const listing = async () =>
    text(200, [listConnections(connections), ...((await workers?.connections()) ?? [])].join("\n\n"));
  const routes: Record<string, Route> = {
    "/config": { GET: () => text(200, formatConfig(describeConfig(variables()))) },
    "/log-level": {
      GET: () => text(200, log.level),
      PUT: (request, caller) => setLevel(log, request, caller),
    },
    "/drain": { GET: () => describeDrain(drain, open()), POST: (_, caller) => begin(caller) },
    "/debug/pprof/connections": { GET: listing },
    "/debug/pprof/goroutine": { GET: listing },
    ...(workers && {
      "/workers/restart": { POST: (request, caller) => restart(workers, log, request, caller) },
    }),
    ...pprofRoutes(),
  };
  const begin = ({ ip }: Caller): Answer => {
    if (!drain.hasBegun) log.info(`draining: ${ip} asked for it`);
    drain.begin();
    return describeDrain(drain, open());
  };
  const handler = router(routes, { GET: () => text(404, `there is ${Object.keys(routes).join(", ")}`) });
  return (request, caller) => refuseRebound(request, caller) ?? handler(request, caller);
}

/**
 * Whoever forwards this port to his machine may have a web page open whose name leads to loopback by now (DNS
 * rebinding): to his browser all that is here would be the page's own.
 */
function refuseRebound({ host }: HttpRequest, { isLocal }: Caller): Answer | null {
  if (!isLocal || ADDRESS_OR_LOCALHOST.test(host)) return null;
  return text(403, "by loopback only as localhost or by an IP address");
}

function formatConfig(config: Readonly<Record<string, string>>): string {
  return Object.entries(config)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/** The first line is for `netramesh drain`: `no`, `yes` or `over`. */
function describeDrain({ hasBegun, isOver }: Drain, open: number): Answer {
  const state = isOver ? "over" : hasBegun ? "yes" : "no";
  return text(200, `draining: ${state}\nopen connections: ${open}`);
}

function setLevel(log: AdjustableLog, { body }: HttpRequest, { ip }: Caller): Answer {
  const level = logLevel(body.trim());
  if (level instanceof Bad) return text(400, `the body has to be ${level.expected}`);
  const before = log.level;
  log.setLevel(level);
  log.info(`the log level is ${level}, was ${before}: ${ip} asked for it`);
  return text(200, level);
}

/** `?worker=2`. */
function restart(workers: Workers, log: AdjustableLog, { query }: HttpRequest, { ip }: Caller): Answer {
  const number = workerNumber(query.get("worker") ?? "");
  if (number instanceof Bad) return text(400, `worker has to be ${number.expected}`);
  if (!workers.restart(number)) return text(404, `worker ${number} is not running`);
  log.info(`worker ${number} is restarted: ${ip} asked for it`);
  return text(200, "restarted");
}
