/** From the configuration to a sampler, and to what keeps a remote one up to date. */
import type { Log } from "../../log.ts";
import type { RemoteSamplingConfig } from "../jaeger-env.ts";
import { processTimers, type Timers } from "../timers.ts";
import { ConstSampler } from "./const.ts";
import { shownEndpoint, strategyUrl } from "./endpoint.ts";
import { fetchStrategy } from "./fetch-strategy.ts";
import { ProbabilisticSampler } from "./probabilistic.ts";
import { RateLimitingSampler } from "./rate-limiting.ts";
import { RemoteSampler } from "./remote.ts";
import type { Sampler, SamplerConfig } from "./sampler.ts";
import { StrategyPoller } from "./strategy-poller.ts";

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

const steadyMs = (): number => performance.now();

/** Whatever the configuration asks for. Nothing happens before `start`. */
export function createSampling(options: SamplingOptions): Sampling {
  const { type, param } = options.sampler;
  if (type === "remote") return createRemoteSampling(options);
  return { sampler: createSampler({ type, param }, options.nowMs), start: () => {}, stop: () => {} };
}

/** A sampler that needs nobody. `nowMs` is a clock that never goes back. */
export function createSampler(
  { type, param }: { readonly type: Exclude<SamplerConfig["type"], "remote">; readonly param: number },
  nowMs = steadyMs,
): Sampler {
  switch (type) {
    case "const":
      return new ConstSampler(param !== 0);
    case "probabilistic":
      return new ProbabilisticSampler(param);
    case "ratelimiting":
      return new RateLimitingSampler(param, nowMs);
  }
}

function createRemoteSampling(options: SamplingOptions): Sampling {
  const { remote, serviceName, log, timers = processTimers, nowMs = steadyMs } = options;
  const sampler = new RemoteSampler(options.sampler.param, remote.maxOperations, nowMs);
  const url = strategyUrl(remote.endpoint, serviceName);
  const poller = new StrategyPoller({
    ask: (signal) => fetchStrategy(url, signal),
    apply: (strategy) => sampler.apply(strategy),
    server: shownEndpoint(remote.endpoint),
    intervalMs: remote.refreshIntervalMs,
    log,
    timers,
    nowMs,
  });
  return { sampler, start: () => poller.start(), stop: () => poller.stop() };
}
