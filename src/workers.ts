/** Puts several event loops together: how many, what they share, when the others begin. */
import { availableParallelism } from "node:os";
import { readText } from "../ffi/file.ts";
import { fileLimit } from "../ffi/socket.ts";
import type { App } from "./app.ts";
import type { Config } from "./config.ts";
import type { Environment } from "./env.ts";
import type { ProcessLog } from "./log.ts";
import type { Exemption } from "./proxy/exemption.ts";
import { SharedContextStore } from "./trace/shared-store.ts";
import { countLoops, possibleLoops } from "./workers/count.ts";
import { Crew } from "./workers/crew.ts";
import { type EventLoop, eventLoop, shareMemory } from "./workers/event-loop.ts";
import type { Thread } from "./workers/member.ts";
import type { WorkerOrder } from "./workers/messages.ts";

/** How long rules that were not there, or did not exempt us, are given until the next look. */
const PROOF_INTERVAL_MS = 5000;

export interface Workers {
  /** The process's own event loop, the first one. */
  readonly loop: EventLoop;
  readonly crew: Crew;
  /**
   * The guard against loops knows the connections of one event loop only. So the others begin when our user is proved
   * exempt from the rules, at the start or whenever that is.
   */
  startOnceProved(app: App, exemption: Exemption): Promise<void>;
  /** These variables hold from now on. */
  change(environment: Environment): void;
}

export interface WorkersOptions {
  readonly config: Config;
  /** All variables. */
  readonly environment: Environment;
  readonly log: ProcessLog;
  readonly version: string;
}

/** Null if there is to be one event loop: then nothing is shared, and nothing is made for it. */
export function createWorkers({ config, environment, log, version }: WorkersOptions): Workers | null {
  const loops = boundLoops(countLoops(config.workers, { cores: availableParallelism(), readText }), log);
  if (loops === 1) return null;
  const memory = shareMemory(loops, config.contextMaxEntries);
  const loop = eventLoop(1, memory, performance.now());
  const contexts = new SharedContextStore({
    memory: memory.contexts,
    expirationMs: config.contextExpirationMs,
    nowMs: loop.nowMs,
    holder: loop.number,
  });
  const crew = new Crew({
    loops,
    spawn,
    board: loop.board,
    log,
    release: (number) => contexts.release(number),
  });
  log.onLevel((level) => crew.setLevel(level));
  let now = environment;
  let maxConnections = 0;
  const order = (number: number): WorkerOrder => ({
    number,
    environment: ofOne(now, maxConnections),
    serviceName: config.serviceName,
    version,
    level: log.level,
    memory,
    clockMs: loop.nowMs(),
  });
  return {
    loop,
    crew,
    startOnceProved: async (app, exemption) => {
      maxConnections = app.maxConnections;
      await untilProved(app, exemption, loops, log);
      crew.start({ order, takeAccess: (page) => app.takeAccess(page) });
    },
    change: (next) => {
      now = next;
      crew.change(ofOne(next, maxConnections));
    },
  };
}

function boundLoops(asked: number, log: ProcessLog): number {
  const files = fileLimit();
  const possible = possibleLoops(files);
  if (asked <= possible) return asked;
  log.warn(
    `NETRA_WORKERS: ${asked} event loops need more than the ${files} open files allowed: ${possible} it is`,
  );
  return possible;
}

async function untilProved(app: App, exemption: Exemption, loops: number, log: ProcessLog): Promise<void> {
  if (exemption === "proved") return;
  log.warn(
    `1 event loop instead of ${loops} works until redirect rules are in force and seen to exempt this process`,
  );
  do await Bun.sleep(PROOF_INTERVAL_MS);
  while ((await app.proveExemption()) !== "proved");
  log.info(`the rules exempt this process: ${loops} event loops work from now on`);
}

/** The variables of one worker: its share of what is to be shared out. */
function ofOne(environment: Environment, maxConnections: number): Environment {
  return { ...environment, NETRA_WORKERS: "1", NETRA_MAX_CONNECTIONS: `${maxConnections}` };
}

/** The file is an entry point of its own in the binary: see scripts/compile.ts. */
function spawn(): Thread {
  return new Worker(new URL("./worker.ts", import.meta.url).href) as unknown as Thread;
}
