/** Samplers that take a part of the traces, and what keeps a remote one up to date; loaded if one is asked for. */
import { processTimers } from "../timers.ts";
import type { Sampling, SamplingOptions } from "./create.ts";
import { shownEndpoint, strategyUrl } from "./endpoint.ts";
import { fetchStrategy } from "./fetch-strategy.ts";
import { ProbabilisticSampler } from "./probabilistic.ts";
import { RateLimitingSampler } from "./rate-limiting.ts";
import { RemoteSampler } from "./remote.ts";
import type { Sampler, SamplerConfig } from "./sampler.ts";
import { StrategyPoller } from "./strategy-poller.ts";

type PartialType = Exclude<SamplerConfig["type"], "const">;

const steadyMs = (): number => performance.now();

/** As `options` ask for, whose sampler is of this `type`. Nothing happens before `start`. */
export function createPartialSampling(type: PartialType, options: SamplingOptions): Sampling {
  if (type === "remote") return createRemoteSampling(options);
  const sampler = createLocalSampler({ type, param: options.sampler.param }, options.nowMs);
  return { sampler, start: () => {}, stop: () => {} };
}

/** A sampler that needs nobody. `nowMs` is a clock that never goes back. */
export function createLocalSampler(
  { type, param }: { readonly type: Exclude<PartialType, "remote">; readonly param: number },
  nowMs = steadyMs,
): Sampler {
  return type === "probabilistic" ? new ProbabilisticSampler(param) : new RateLimitingSampler(param, nowMs);
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
