/**
 * Every golden request, sent through the built sidecar behind real rules, gives the spans that 0.10 gave: but for ids,
 * times and addresses, and for what golden-deviations.ts lists.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { hostname } from "node:os";
import type { ReadSpan } from "../trace/support/thrift-reader.ts";
import { type GoldenSet, loadGolden, NO_PARENT, shapesOf } from "./golden.ts";
import { expectedSpans } from "./golden-deviations.ts";
import { GoldenScene } from "./golden-scene.ts";
import { type Env, TEST_TIMEOUT_MS } from "./harness.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const RUNS: [client: string, sets: GoldenSet[], env: Env, newTraceId: RegExp][] = [
  ["2.15", ["v215", "v215b"], {}, /^0{16}[0-9a-f]{16}$/],
  ["2.30", ["v230"], { JAEGER_TRACEID_128BIT: "true" }, /^(?!0{16})[0-9a-f]{32}$/],
];

/** What `ctx-unsampled` is continued as: passed on, and reported by nobody. */
const UNSAMPLED = /^0{15}1:[0-9a-f]{16}:0{15}2:0$/;

describe.each(RUNS)(
  "golden requests of jaeger-client-go %s leave 0.10's spans",
  (_client, sets, env, newId) => {
    let scene: GoldenScene;
    beforeAll(async () => {
      scene = await GoldenScene.open(env);
    });
    afterAll(() => scene.close());

    const requests = loadGolden(...sets);
    for (const request of requests) {
      test(request.name, async () => {
        const expected = expectedSpans(request);
        const { answer, contexts, spans, places } = await scene.replay(request, expected.length);
        expect(shapesOf(spans, places)).toEqual(expected);
        expectNewTraceIds(spans, newId);
        expectContexts(contexts, spans, request.name === "ctx-unsampled" ? 1 : 0);
        expect(answer).toBe(Buffer.concat(request.turns.map(({ answered }) => answered)).toString("latin1"));
      });
    }

    test("and the process that reports them has 0.10's tags", async () => {
      await scene.replay(requests[0]!, 1);
      const { serviceName, processTags } = scene.messages[0]!;
      expect(serviceName).toBe("golden-svc");
      expect(processTags).toEqual([
        ["env", "golden"],
        ["ver", "none"],
        // 0.10 named the Go library.
        ["jaeger.version", expect.stringMatching(/^netramesh-ts-/)],
        ["hostname", hostname()],
        ["ip", scene.podIp],
        ["client-uuid", expect.stringMatching(/^[0-9a-f]+$/)],
      ]);
    });
  },
);

/** A trace that began here has an id of the wanted size, which ends in that of its first span. */
function expectNewTraceIds(spans: readonly ReadSpan[], pattern: RegExp): void {
  for (const { traceId, spanId } of spans.filter(({ parentSpanId }) => parentSpanId === NO_PARENT)) {
    expect(traceId).toMatch(pattern);
    expect(traceId).toEndWith(spanId);
  }
}

/** Each reported request took its span's context along, and no second one. */
function expectContexts(contexts: readonly string[], spans: readonly ReadSpan[], unsampled: number): void {
  const taken = contexts.filter((context) => !UNSAMPLED.test(context));
  expect(taken).toEqual(spans.map(contextOf).sort());
  expect(contexts.length - taken.length).toBe(unsampled);
}

function contextOf({ traceId, spanId, parentSpanId, flags }: ReadSpan): string {
  return [traceId.replace(/^0{16}/, ""), spanId, parentSpanId, flags].join(":");
}
