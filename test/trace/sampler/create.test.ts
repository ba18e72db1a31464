/** Remote sampling as a whole: a real HTTP server, our clock. */
import { afterAll, describe, expect, test } from "bun:test";
import { createSampling } from "../../../src/trace/sampler/create.ts";
import { createPartialSampling } from "../../../src/trace/sampler/partial.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";
import { contextOf } from "../support/golden.ts";
import { decision } from "./sampling.ts";

const INTERVAL_MS = 60_000;
const LOW = contextOf("1", "1");
const MIB = 1024 * 1024;

type Answer = () => Response | Promise<Response>;

const json =
  (value: unknown, status = 200): Answer =>
  () =>
    Response.json(value, { status });
const text =
  (body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(body, { headers });

const rate = (samplingRate: number) => ({ probabilisticSampling: { samplingRate } });
const byOperation = {
  operationSampling: {
    defaultSamplingProbability: 0.25,
    defaultLowerBoundTracesPerSecond: 1,
    perOperationStrategies: [{ operation: "/a", ...rate(0.75) }],
  },
};

/** Spaces that never end; counts those whose reader went away. */
let abandoned = 0;
const endless: Answer = () =>
  new Response(
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
      cancel: () => {
        abandoned++;
      },
    }),
  );

/** Answers each request with what the test put in place. */
let answer: Answer = json({});
const asked: string[] = [];
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: ({ url, headers }) => {
    asked.push(`${new URL(url).pathname}${new URL(url).search} ${headers.get("accept")}`);
    return answer();
  },
});
afterAll(() => server.stop(true));

function setUp({ initialRate = 0, endpoint = `http://127.0.0.1:${server.port}/sampling` } = {}) {
  const time = new FakeTime();
  const log = new MemoryLog();
  let armedMs = 0;
  const after = (ms: number, run: () => void) => {
    armedMs = ms;
    return time.after(ms, run);
  };
  const sampling = createPartialSampling("remote", {
    sampler: { type: "remote", param: initialRate },
    remote: { endpoint, maxOperations: 10, refreshIntervalMs: INTERVAL_MS },
    serviceName: "shop/cart",
    log,
    timers: { after },
    nowMs: time.now,
  });
  sampling.start();
  /** One interval with that answer, until it is dealt with: then the next interval has begun. */
  const round = async (given: Answer) => {
    answer = given;
    time.advance(INTERVAL_MS);
    await until(() => armedMs === INTERVAL_MS);
  };
  return { time, log, sampling, round, decide: () => decision(sampling.sampler, "/a", LOW) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(1);
}

test("the server is asked for the strategy of the service", async () => {
  const { round } = setUp();
  await round(json(rate(1)));
  expect(asked.at(-1)).toBe("/sampling?service=shop%2Fcart application/json");
});

describe("the answer decides from then on:", () => {
  test.each([
    ["a rate", json(rate(0.5)), "probabilistic 0.5"],
    ["a limit", json({ rateLimitingSampling: { maxTracesPerSecond: 3 } }), "ratelimiting 3"],
    ["rates by operation", json(byOperation), "probabilistic 0.75"],
    [
      "one that is compressed",
      text(Bun.gzipSync(JSON.stringify(rate(0.5))), { "content-encoding": "gzip" }),
      "probabilistic 0.5",
    ],
    ["one of just under a mebibyte", text(JSON.stringify(rate(0.5)).padEnd(MIB)), "probabilistic 0.5"],
    [
      "one behind a redirect",
      () => {
        answer = json(rate(0.5));
        return Response.redirect("/elsewhere");
      },
      "probabilistic 0.5",
    ],
  ] as [string, Answer, string][])("%s", async (_label, given, decided) => {
    const { round, decide } = setUp();
    expect(decide()).toBeNull();
    await round(given);
    expect(decide()).toBe(decided);
  });
});

describe("a failure changes nothing, is one line in the log, and passes:", () => {
  test.each([
    ["HTTP status 500, whatever else it says", json(rate(1), 500), "HTTP status 500"],
    ["HTTP status 404", json({}, 404), "HTTP status 404"],
    ["garbage", text("<html>"), "the answer is not a JSON object"],
    ["nothing", text(""), "the answer is not a JSON object"],
    ["a rate beyond all", json(rate(7)), "samplingRate is a number from 0 to 1"],
    [
      "more than a mebibyte",
      text(JSON.stringify(rate(1)).padEnd(MIB + 1)),
      "the answer is longer than 1048576 bytes",
    ],
    [
      "more than a mebibyte once inflated",
      text(Bun.gzipSync(Buffer.alloc(50 * MIB, " ")), { "content-encoding": "gzip" }),
      "longer than",
    ],
    ["an answer without end", endless, "longer than"],
  ] as [string, Answer, string][])("%s", async (_label, given, line) => {
    const { round, decide, log } = setUp();
    await round(json(rate(0.5)));
    await round(given);
    expect(decide()).toBe("probabilistic 0.5");
    expect(log.lines.length).toBe(2);
    expect(log.lines[1]).toStartWith(
      `warn: No sampling strategy from http://127.0.0.1:${server.port}/sampling: `,
    );
    expect(log.lines[1]).toContain(line);
    await round(json(rate(1)));
    expect(decide()).toBe("probabilistic 1");
  });

  test("a connection that is refused", async () => {
    const { time, log } = setUp({ endpoint: "http://127.0.0.1:1/" });
    time.advance(INTERVAL_MS);
    await until(() => log.lines.length > 0);
    expect(log.lines[0]).toContain("http://127.0.0.1:1/: ECONNREFUSED");
  });

  test("a server that says nothing, or stops in the middle, for ten seconds", async () => {
    for (const given of [() => new Promise<Response>(() => {}), text(stuckBody())]) {
      const { time, log, decide } = setUp({ initialRate: 0.5 });
      answer = given;
      const { length } = asked;
      time.advance(INTERVAL_MS);
      await until(() => asked.length > length);
      time.advance(10_000);
      await until(() => log.lines.length > 0);
      expect(log.lines[0]).toContain("no answer within 10 seconds");
      expect(decide()).toBe("probabilistic 0.5");
    }
  });
});

test("the connection of an answer without end is closed", async () => {
  const before = abandoned;
  const { round } = setUp();
  await round(endless);
  await until(() => abandoned > before);
});

test("stop lets go of a server that is still thinking", async () => {
  const { time, sampling, log } = setUp();
  answer = () => new Promise<Response>(() => {});
  const { length } = asked;
  time.advance(INTERVAL_MS);
  await until(() => asked.length > length);
  sampling.stop();
  await until(() => server.pendingRequests === 0);
  expect([time.armed, log.lines]).toEqual([0, []]);
});

test("a sampler that needs nobody asks nobody", async () => {
  const time = new FakeTime();
  const { sampler, start, stop } = await createSampling({
    sampler: { type: "const", param: 1 },
    remote: { endpoint: "http://127.0.0.1:1/", maxOperations: 1, refreshIntervalMs: 1 },
    serviceName: "s",
    log: new MemoryLog(),
    timers: time,
  });
  start();
  expect([time.armed, decision(sampler, "/a")]).toEqual([0, "const true"]);
  stop();
});

/** One byte, then nothing. */
function stuckBody(): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) });
}
