/** From the configuration to a sampler. */
import type { Log } from "../../log.ts";
import type { RemoteSamplingConfig } from "../jaeger-env.ts";
import type { Timers } from "../timers.ts";
import { ConstSampler } from "./const.ts";
import type { Sampler, SamplerConfig } from "./sampler.ts";

export interface SamplingOptions {
  readonly sampler: SamplerConfig;
  /** Read if the sampler's type is remote. */
  readonly remote: RemoteSamplingConfig;
  /** Whose strategy is asked for. */
  readonly serviceName: string;
  readonly log: Log;
  readonly timers?: Timers;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
}

export interface Sampling {
  readonly sampler: Sampler;
  /** Begins to ask for strategies; only remote sampling does. */
  start(): void;
  /** Lets go of timers and connections. */
  stop(): void;
}

/** Whatever the configuration asks for. Nothing happens before `start`. */
export async function createSampling(options: SamplingOptions): Promise<Sampling> {
  const { type, param } = options.sampler;
  if (type === "const") return { sampler: new ConstSampler(param !== 0), start: () => {}, stop: () => {} };
  return (await import("./partial.ts")).createPartialSampling(type, options);
}
