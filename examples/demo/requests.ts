import { CHAIN } from "./chain.ts";
import { DIRECT_PORT, MESH_PORT } from "./ports.ts";

/** What the customer saw of one request. */
export interface Answer {
  readonly status: number;
  readonly durationMs: number;
}

/** One span a request must leave behind. */
export interface Step {
  readonly service: string;
  readonly kind: "server" | "client";
  readonly status: number;
  /** What tied it to its parent, as the tag `netramesh.parent` says it. */
  readonly tie: string;
}

/** A request and, in order from the customer to the end of the chain, all the spans of its trace. */
export interface Order {
  readonly path: string;
  readonly steps: readonly Step[];
}

/** `shelf` is the status the last service answers with; the others make a 502 of any failure below them. */
function order(item: string, shelf = 200): Order {
  const last = CHAIN.length - 1;
  const status = (i: number) => (i === last || shelf === 200 ? shelf : 502);
  const steps = CHAIN.flatMap(({ name: service, tie }, i): Step[] => [
    // Between sidecars it is Jaeger's own header.
    { service, kind: "server", status: status(i), tie: i === 0 ? "none" : "uber" },
    ...(tie === null ? [] : [{ service, kind: "client" as const, status: status(i + 1), tie }]),
  ]);
  return { path: `/${CHAIN[0]!.verb}/${item}`, steps };
}

/** The requests whose traces are shown: two good ones, one that fails deep in the chain, one that is slow there. */
export const SHOWN = [order("apple"), order("pear"), order("truffle", 500), order("snail")];

/** The request that is repeated to measure. */
export const MEASURED = order("plum");

const WARM_UP_PAIRS = 50;
const MEASURED_PAIRS = 200;

/** One URL for each of `SHOWN`, at front's address. */
export function urlsToShow(frontIp: string): string[] {
  return SHOWN.map(({ path }) => `http://${frontIp}:${MESH_PORT}${path}`);
}

/** The measured request, through the mesh and past it in turn, so that both see the same moods of the machine. */
export function urlsToMeasure(frontIp: string): string[] {
  const pair = [MESH_PORT, DIRECT_PORT].map((port) => `http://${frontIp}:${port}${MEASURED.path}`);
  return Array.from({ length: WARM_UP_PAIRS + MEASURED_PAIRS }, () => pair).flat();
}

/** How many requests `urlsToMeasure` sends each way. */
export const MEASURED_REQUESTS = WARM_UP_PAIRS + MEASURED_PAIRS;

export interface Latencies {
  readonly meshP50Ms: number;
  readonly directP50Ms: number;
}

/** `answers` belong to `urlsToMeasure`, in that order; the first ones only warm everything up. */
export function latencies(answers: readonly Answer[]): Latencies {
  const durations = answers.slice(2 * WARM_UP_PAIRS).map(({ durationMs }) => durationMs);
  return {
    meshP50Ms: median(durations.filter((_, i) => i % 2 === 0)),
    directP50Ms: median(durations.filter((_, i) => i % 2 === 1)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
