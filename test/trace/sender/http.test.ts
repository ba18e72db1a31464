import { describe, expect, test } from "bun:test";
import { HttpSender, type HttpSenderOptions } from "../../../src/trace/sender/http.ts";
import type { Answer, NoAnswer } from "../../../src/trace/sender/http-post.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";
import { destinationOf } from "../support/http-server.ts";

const URL_WITH_SECRETS = "https://user:secret@collector.test:14268/api/traces?token=secret";
const GONE: NoAnswer = { why: "no connection", timedOut: false };
const LATE: NoAnswer = { why: "no answer within 5 ms", timedOut: true };

function status(code: number, retryAfter: string | null = null): Answer {
  return { status: code, statusText: "", retryAfter, body: new Uint8Array(0) };
}

/** A collector in the test's hands: every post waits for `answer`. */
class FakeCollector {
  readonly bodies: string[] = [];
  aborted = 0;
  #answer: ((result: Answer | NoAnswer) => void) | null = null;

  readonly post = (_to: unknown, body: Uint8Array, abort: AbortController): Promise<Answer | NoAnswer> => {
    this.bodies.push(Buffer.from(body).toString());
    abort.signal.addEventListener("abort", () => {
      this.aborted++;
      this.#answer?.(LATE);
    });
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  };

  async answer(result: Answer | NoAnswer): Promise<void> {
    this.#answer!(result);
    this.#answer = null;
    await settled();
  }
}

/** All that promises have to do is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function setUp(given: Partial<HttpSenderOptions> = {}) {
  const time = new FakeTime();
  const log = new MemoryLog();
  const collector = new FakeCollector();
  const sender = new HttpSender({
    destination: destinationOf(URL_WITH_SECRETS),
    limits: { maxSpans: 100, maxBytes: 1000 },
    log,
    post: collector.post,
    timers: time,
    nowMs: time.now,
    random: () => 0.5,
    ...given,
  });
  const send = (text: string, spans = 1) => sender.send(Buffer.from(text), spans);
  return { time, log, collector, sender, send };
}

describe("batches are posted", () => {
  test("one after the other, in order", async () => {
    const { collector, send } = setUp();
    expect([send("a"), send("b"), send("c")]).toEqual([true, true, true]);
    expect(collector.bodies).toEqual(["a"]);
    await collector.answer(status(202));
    expect(collector.bodies).toEqual(["a", "b"]);
    await collector.answer(status(202));
    expect(collector.bodies).toEqual(["a", "b", "c"]);
  });

  test("as they were when sent, whatever becomes of the memory", async () => {
    const { collector, sender, send } = setUp();
    const memory = Buffer.from("before");
    send("first");
    sender.send(memory, 1);
    memory.write("behind");
    await collector.answer(status(200));
    expect(collector.bodies).toEqual(["first", "before"]);
  });

  test("compressed where the destination wants it", () => {
    const posted: Uint8Array[] = [];
    const { send } = setUp({
      destination: destinationOf("http://collector.test", { gzip: true }),
      post: (_to, body) => {
        posted.push(body);
        return new Promise(() => {});
      },
    });
    send("x".repeat(500));
    expect(Buffer.from(Bun.gunzipSync(new Uint8Array(posted[0]!))).toString()).toBe("x".repeat(500));
  });

  test("and counted; the log says once where they go, without secrets", async () => {
    const { collector, sender, log, send } = setUp();
    send("a", 3);
    await collector.answer(status(202));
    send("b", 4);
    await collector.answer(status(202));
    expect(sender.counters).toMatchObject({ sent: 7 });
    expect(sender.waiting).toEqual({ spans: 0, bytes: 0 });
    expect(log.lines).toEqual([
      "info: Spans go to the collector https://collector.test:14268/api/traces (HTTP)",
    ]);
  });
});

describe("what waits is bounded", () => {
  test("in spans", async () => {
    const { collector, sender, send } = setUp({ limits: { maxSpans: 10, maxBytes: 1000 } });
    expect([send("a", 6), send("b", 4), send("c", 1)]).toEqual([true, true, false]);
    expect(sender.counters.droppedQueueFull).toBe(1);
    await collector.answer(status(200));
    expect(send("d", 6)).toBe(true);
  });

  test("in bytes", () => {
    const { sender, send } = setUp({ limits: { maxSpans: 100, maxBytes: 10 } });
    expect([send("12345"), send("12345"), send("6")]).toEqual([true, true, false]);
    expect(sender.counters.droppedQueueFull).toBe(1);
    expect(sender.waiting.bytes).toBe(10);
  });

  test("and the log says so once per interval, however many are lost", () => {
    const { time, log, send } = setUp({ limits: { maxSpans: 1, maxBytes: 10 } });
    for (let i = 0; i < 1000; i++) {
      send("x");
      time.advance(10);
    }
    expect(log.lines).toEqual([
      "warn: Spans are lost: the collector https://collector.test:14268/api/traces (HTTP): more come than it takes",
    ]);
  });
});

describe("a batch that failed", () => {
  test.each([
    ["no connection", GONE],
    ["429", status(429)],
    ["503", status(503)],
  ])("with %s is posted again after a while, before those behind it", async (_, result) => {
    const { time, collector, sender, send } = setUp();
    send("a", 2);
    send("b", 3);
    await collector.answer(result);
    time.advance(999);
    expect(collector.bodies).toEqual(["a"]);
    time.advance(1);
    expect(collector.bodies).toEqual(["a", "a"]);
    await collector.answer(status(200));
    await collector.answer(status(200));
    expect(collector.bodies).toEqual(["a", "a", "b"]);
    expect(sender.counters.sent).toBe(5);
  });

  test.each([
    ["400", status(400), "droppedRefused"],
    ["302", status(302), "droppedRefused"],
    ["no answer in time", LATE, "droppedUnreachable"],
  ] as const)("with %s is lost, and the next one is posted at once", async (_, result, counter) => {
    const { collector, sender, log, send } = setUp();
    send("a", 2);
    send("b", 3);
    await collector.answer(result);
    expect(collector.bodies).toEqual(["a", "b"]);
    expect(sender.counters).toMatchObject({ sent: 0, [counter]: 2 });
    expect(log.lines[0]).toStartWith("warn: Spans are lost: the collector https://collector.test:14268");
  });

  test("is not posted before the time that the collector names", async () => {
    const { time, collector, send } = setUp();
    send("a");
    await collector.answer(status(503, "20"));
    time.advance(19_999);
    expect(collector.bodies).toEqual(["a"]);
    time.advance(1);
    expect(collector.bodies).toEqual(["a", "a"]);
  });

  test("is lost after five repetitions; then each is tried once, at the longest interval", async () => {
    const { time, collector, sender, send } = setUp();
    for (const text of ["a", "b", "c"]) send(text);
    for (const delayMs of [1000, 2000, 4000, 8000, 16_000]) {
      await collector.answer(GONE);
      const posts = collector.bodies.length;
      time.advance(delayMs - 1);
      expect(collector.bodies.length).toBe(posts);
      time.advance(1);
    }
    expect(collector.bodies).toEqual(Array(6).fill("a"));
    await collector.answer(GONE);
    expect(sender.counters.droppedUnreachable).toBe(1);
    time.advance(30_000);
    await collector.answer(GONE);
    time.advance(30_000);
    expect(collector.bodies.slice(6)).toEqual(["b", "c"]);
    await collector.answer(status(200));
    send("d");
    await collector.answer(GONE);
    time.advance(1000);
    expect(collector.bodies.slice(8)).toEqual(["d", "d"]);
  });

  test("costs one line per interval, with the last reason", async () => {
    const { time, collector, log, send } = setUp();
    for (let i = 0; i < 200; i++) {
      send("x");
      await collector.answer(status(500));
      time.advance(100);
    }
    expect(log.lines.length).toBe(1);
    time.advance(30_000);
    send("x");
    await collector.answer(status(401));
    expect(log.lines[1]).toEndWith("answered 401 (199 more since the last line)");
  });
});

describe("a batch of which the collector left out some spans", () => {
  const left = (spans: number, why: string) => setUp({ readRejection: () => ({ spans, why }) });

  test("is counted apart, with its reason in the log", async () => {
    const { collector, sender, log, send } = left(2, "too old");
    send("a", 5);
    await collector.answer(status(200));
    expect(sender.counters).toMatchObject({ sent: 3, droppedRejected: 2 });
    expect(log.lines.at(-1)).toBe(
      "warn: 2 spans were left out: the collector https://collector.test:14268/api/traces (HTTP): too old",
    );
  });

  test("never counts more spans than were sent", async () => {
    const { collector, sender, send } = left(1e9, "");
    send("a", 5);
    await collector.answer(status(200));
    expect(sender.counters).toMatchObject({ sent: 0, droppedRejected: 5 });
  });
});

describe("closing", () => {
  test("waits for what is on its way and posts what waits", async () => {
    const { collector, sender, send } = setUp();
    send("a", 2);
    send("b", 3);
    const closed = sender.close(1000);
    await collector.answer(status(200));
    await collector.answer(status(200));
    await closed;
    expect(collector.bodies).toEqual(["a", "b"]);
    expect(sender.counters).toMatchObject({ sent: 5, droppedAtClose: 0 });
  });

  test("ends at once when nothing waits, and leaves no timer", async () => {
    const { time, sender } = setUp();
    await sender.close(1000);
    expect(time.armed).toBe(0);
  });

  test("gives up at the deadline", async () => {
    const { time, collector, sender, send } = setUp();
    send("a", 2);
    send("b", 3);
    const closed = sender.close(1000);
    time.advance(1000);
    await closed;
    expect(sender.counters).toMatchObject({ sent: 0, droppedAtClose: 5 });
    expect(collector.aborted).toBe(1);
    await settled();
    expect(collector.bodies).toEqual(["a"]);
    expect(time.armed).toBe(0);
  });

  test("does not wait out a back-off: every batch is tried once more, at once", async () => {
    const { time, collector, sender, send } = setUp();
    send("a", 2);
    send("b", 3);
    await collector.answer(GONE);
    const closed = sender.close(1000);
    await collector.answer(GONE);
    await collector.answer(status(200));
    await closed;
    expect(collector.bodies).toEqual(["a", "a", "b"]);
    expect(sender.counters).toMatchObject({ sent: 3, droppedUnreachable: 2 });
    expect(time.armed).toBe(0);
  });

  test("is for good", async () => {
    const { collector, sender, log, send } = setUp();
    await sender.close(1000);
    expect(send("a")).toBe(false);
    expect(collector.bodies).toEqual([]);
    expect(sender.counters.droppedAtClose).toBe(1);
    expect(log.lines).toEqual([]);
  });
});
