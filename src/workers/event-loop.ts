import type { RoutingValues } from "../mesh/policy/routing-store.ts";
import { SharedRoutingStore } from "../mesh/policy/shared-routing-store.ts";
import { SharedContextStore } from "../trace/shared-store.ts";
import type { Contexts } from "../trace/store.ts";
import { Board } from "./board.ts";
import type { SharedMemory } from "./messages.ts";

/** One of several event loops, as whoever puts its parts together knows it. */
export interface EventLoop {
  /** The first one is the process's own: it alone has the sidecar's ports, signals and logs. */
  readonly number: number;
  readonly memory: SharedMemory;
  readonly board: Board;
  /** The clock of the first one. */
  readonly nowMs: () => number;
  /** What all of them remember of requests, so long since it was last put. */
  contexts(expirationMs: number): Contexts;
  routingValues(expirationMs: number): RoutingValues;
}

/** Memory for so many event loops. */
export function shareMemory(loops: number, maxEntries: number): SharedMemory {
  return {
    contexts: SharedContextStore.allocate(maxEntries),
    routing: SharedRoutingStore.allocate(maxEntries),
    board: Board.allocate(loops),
  };
}

/** `clockMs` is what the clock of the first event loop says now. */
export function eventLoop(number: number, memory: SharedMemory, clockMs: number): EventLoop {
  const aheadMs = clockMs - performance.now();
  const nowMs = () => performance.now() + aheadMs;
  return {
    number,
    memory,
    board: new Board(memory.board),
    nowMs,
    contexts: (expirationMs) =>
      new SharedContextStore({ memory: memory.contexts, expirationMs, nowMs, holder: number }),
    routingValues: (expirationMs) => new SharedRoutingStore({ memory: memory.routing, expirationMs, nowMs }),
  };
}
