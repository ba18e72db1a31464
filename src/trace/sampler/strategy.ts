/** What a Jaeger server says about sampling: the JSON of jaeger-idl's sampling.thrift, `SamplingStrategyResponse`. */
import { Bad } from "../../env.ts";
import { isObject, type JsonObject, parseObject } from "../../json.ts";

export interface OperationStrategy {
  readonly kind: "operations";
  /** For operations that are not listed, from 0 to 1. */
  readonly defaultRate: number;
  /** Traces a second that every operation gets at least. */
  readonly lowerBound: number;
  readonly rates: ReadonlyMap<string, number>;
}

export type SamplingStrategy =
  | { readonly kind: "probabilistic"; readonly rate: number }
  | { readonly kind: "ratelimiting"; readonly tracesPerSecond: number }
  | OperationStrategy;

/**
 * Reads a server's answer. The first part that is there decides: operations, probabilistic, rate limiting; the field
 * `strategyType` does not (jaeger-client-go, sampler_remote.go). As in Go a number that is missing is 0, and null is
 * missing; unlike there a rate outside 0..1 is an error and not cut. `Bad` says what the answer should have been.
 */
export function parseStrategy(text: string): SamplingStrategy | Bad {
  const answer = parseObject(text);
  if (answer === null) return new Bad("a JSON object");
  const { operationSampling, probabilisticSampling, rateLimitingSampling } = answer;
  if (isPresent(operationSampling)) return readOperations(operationSampling);
  if (isPresent(probabilisticSampling)) return readProbabilistic(probabilisticSampling);
  if (isPresent(rateLimitingSampling)) return readRateLimiting(rateLimitingSampling);
  return new Bad("one with operationSampling, probabilisticSampling or rateLimitingSampling");
}

/** The strategy in a few words, for the log. */
export function describeStrategy(strategy: SamplingStrategy): string {
  switch (strategy.kind) {
    case "probabilistic":
      return `probabilistic, rate ${strategy.rate}`;
    case "ratelimiting":
      return `at most ${strategy.tracesPerSecond} traces a second`;
    case "operations": {
      const { rates, defaultRate, lowerBound } = strategy;
      return `by operation (${rates.size} listed), else rate ${defaultRate}, at least ${lowerBound} a second each`;
    }
  }
}

function readProbabilistic(part: unknown): SamplingStrategy | Bad {
  const rate = numberOf(part, "samplingRate", 1);
  return rate instanceof Bad ? rate : { kind: "probabilistic", rate };
}

function readRateLimiting(part: unknown): SamplingStrategy | Bad {
  const tracesPerSecond = numberOf(part, "maxTracesPerSecond");
  return tracesPerSecond instanceof Bad ? tracesPerSecond : { kind: "ratelimiting", tracesPerSecond };
}

function readOperations(part: unknown): SamplingStrategy | Bad {
  const defaultRate = numberOf(part, "defaultSamplingProbability", 1);
  if (defaultRate instanceof Bad) return defaultRate;
  const lowerBound = numberOf(part, "defaultLowerBoundTracesPerSecond");
  if (lowerBound instanceof Bad) return lowerBound;
  const rates = readRates((part as JsonObject).perOperationStrategies ?? []);
  return rates instanceof Bad ? rates : { kind: "operations", defaultRate, lowerBound, rates };
}

function readRates(list: unknown): ReadonlyMap<string, number> | Bad {
  if (!Array.isArray(list)) return new Bad("one whose perOperationStrategies is a list");
  const rates = new Map<string, number>();
  for (const item of list) {
    if (!isObject(item) || typeof item.operation !== "string") {
      return new Bad("one whose perOperationStrategies all name their operation");
    }
    const rate = numberOf(item.probabilisticSampling, "samplingRate", 1);
    if (rate instanceof Bad) return rate;
    rates.set(item.operation, rate);
  }
  return rates;
}

function numberOf(part: unknown, name: string, max = Number.MAX_VALUE): number | Bad {
  const value = isObject(part) ? (part[name] ?? 0) : null;
  if (typeof value === "number" && value >= 0 && value <= max) return value;
  return new Bad(`one whose ${name} is a number ${max === 1 ? "from 0 to 1" : "of at least 0"}`);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
