import { describe, expect, test } from "bun:test";
import { Bad } from "../../../src/env.ts";
import { describeStrategy, parseStrategy } from "../../../src/trace/sampler/strategy.ts";

const RATE = { probabilisticSampling: { samplingRate: 0.5 } };
const LIMIT = { rateLimitingSampling: { maxTracesPerSecond: 3 } };
const OPERATIONS = {
  operationSampling: {
    defaultSamplingProbability: 0.1,
    defaultLowerBoundTracesPerSecond: 0.01,
    perOperationStrategies: [
      { operation: "/a", ...RATE },
      { operation: "", probabilisticSampling: {} },
    ],
  },
};
const BY_RATE = "probabilistic, rate 0.5";
const BY_LIMIT = "at most 3 traces a second";
const BY_OPERATION = "by operation (2 listed), else rate 0.1, at least 0.01 a second each";

describe("an answer is understood:", () => {
  test.each([
    ["a rate", { strategyType: "PROBABILISTIC", ...RATE }, BY_RATE],
    ["a limit", { strategyType: "RATE_LIMITING", ...LIMIT }, BY_LIMIT],
    ["operations", { strategyType: "PROBABILISTIC", ...OPERATIONS }, BY_OPERATION],
    [
      "operations go before a rate, a rate before a limit",
      { ...LIMIT, ...RATE, ...OPERATIONS },
      BY_OPERATION,
    ],
    ["a rate goes before a limit", { ...LIMIT, ...RATE }, BY_RATE],
    ["the strategy type does not matter", { strategyType: "RATE_LIMITING", ...RATE }, BY_RATE],
    ["null is absent", { operationSampling: null, probabilisticSampling: null, ...LIMIT }, BY_LIMIT],
    ["a missing rate is 0", { probabilisticSampling: {} }, "probabilistic, rate 0"],
    [
      "a missing limit is 0",
      { rateLimitingSampling: { maxTracesPerSecond: null } },
      "at most 0 traces a second",
    ],
    [
      "missing operations are none",
      { operationSampling: {} },
      "by operation (0 listed), else rate 0, at least 0 a second each",
    ],
  ])("%s", (_label, answer, understood) => {
    const strategy = parseStrategy(JSON.stringify(answer));
    expect(strategy instanceof Bad ? strategy : describeStrategy(strategy)).toBe(understood);
  });

  test("each operation has its rate, the last one if it is listed twice", () => {
    const perOperationStrategies = [
      { operation: "/a", probabilisticSampling: { samplingRate: 1 } },
      { operation: "__proto__", ...RATE },
      { operation: "/a", ...RATE },
    ];
    expect(parseStrategy(JSON.stringify({ operationSampling: { perOperationStrategies } }))).toEqual({
      kind: "operations",
      defaultRate: 0,
      lowerBound: 0,
      rates: new Map([
        ["/a", 0.5],
        ["__proto__", 0.5],
      ]),
    });
  });
});

describe("an answer is refused:", () => {
  const operations = (part: object) =>
    JSON.stringify({ operationSampling: { ...OPERATIONS.operationSampling, ...part } });
  test.each([
    ["nothing", "", "a JSON object"],
    ["no JSON", "<html>", "a JSON object"],
    ["a list", "[]", "a JSON object"],
    ["null", "null", "a JSON object"],
    [
      "no strategy",
      '{"strategyType":"PROBABILISTIC"}',
      "one with operationSampling, probabilisticSampling or ",
    ],
    ["a part that is no object", '{"probabilisticSampling":0.5}', "one whose samplingRate is"],
    ["a rate above 1", '{"probabilisticSampling":{"samplingRate":1.01}}', "a number from 0 to 1"],
    ["a negative rate", '{"probabilisticSampling":{"samplingRate":-0.1}}', "a number from 0 to 1"],
    ["a rate in quotes", '{"probabilisticSampling":{"samplingRate":"0.5"}}', "a number from 0 to 1"],
    [
      "a negative limit",
      '{"rateLimitingSampling":{"maxTracesPerSecond":-1}}',
      "maxTracesPerSecond is a number of",
    ],
    ["an infinite limit", '{"rateLimitingSampling":{"maxTracesPerSecond":1e999}}', "a number of at least 0"],
    ["a wrong default", operations({ defaultSamplingProbability: 2 }), "defaultSamplingProbability"],
    [
      "a wrong guarantee",
      operations({ defaultLowerBoundTracesPerSecond: "1" }),
      "defaultLowerBoundTracesPerSecond",
    ],
    ["operations that are no list", operations({ perOperationStrategies: {} }), "is a list"],
    [
      "an operation that is no object",
      operations({ perOperationStrategies: [null] }),
      "name their operation",
    ],
    ["an operation without name", operations({ perOperationStrategies: [RATE] }), "name their operation"],
    [
      "an operation without rate",
      operations({ perOperationStrategies: [{ operation: "/a" }] }),
      "samplingRate",
    ],
  ])("%s", (_label, text, expected) => {
    const strategy = parseStrategy(text);
    expect(strategy instanceof Bad ? strategy.expected : strategy).toContain(expected);
  });
});
