import { describe, expect, test } from "bun:test";
import { Reporter } from "../../src/trace/reporter.ts";
import type { Sender } from "../../src/trace/sender/sender.ts";
import type { Span } from "../../src/trace/span.ts";
import { SpanPool } from "../../src/trace/span-pool.ts";
import { tagKey } from "../../src/trace/tag.ts";
import { CompactBatch } from "../../src/trace/thrift/compact.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeTime } from "./support/fakes.ts";
import { contextOf } from "./support/golden.ts";
import { readEmitBatch } from "./support/thrift-reader.ts";

class FakeSender implements Sender {
  readonly batches: string[][] = [];
  working = true;
  events: string[] = [];
  send(batch: Uint8Array): boolean {
    this.events.push("send");
    if (this.working) this.batches.push(readEmitBatch(batch).spans.map((span) => span.operationName));
    return this.working;
  }
  async ready(deadlineMs: number): Promise<void> {
    this.events.push(`ready ${deadlineMs}`);
  }
  async close(deadlineMs: number): Promise<void> {
    this.events.push(`close ${deadlineMs}`);
  }
}

function setUp(options: { logSpans?: boolean; maxBytes?: number } = {}) {
  const time = new FakeTime();
  const log = new MemoryLog();
  const sender = new FakeSender();
  const pool = new SpanPool();
  const reporter = new Reporter({
    pool,
    batch: new CompactBatch({ serviceName: "s", tags: [] }, options.maxBytes),
    sender,
    log,
    flushIntervalMs: 1000,
    logSpans: options.logSpans ?? false,
    timers: time,
  });
  const finished = (operation: string, textBytes = 0): Span => {
    const span = pool.take(contextOf("1", "2", "0", 1), null, 1);
    span.operationLatin1(operation);
    if (textBytes > 0) span.tagLatin1(tagKey("k"), "x".repeat(textBytes));
    span.finish(2);
    return span;
  };
  return { time, log, sender, pool, reporter, finished };
}

describe("a reported span", () => {
  test("waits for company for one flush interval", () => {
    const { time, sender, reporter, finished } = setUp();
    reporter.report(finished("/a"));
    time.advance(400);
    reporter.report(finished("/b"));
    time.advance(599);
    expect(sender.batches).toEqual([]);
    time.advance(1);
    expect(sender.batches).toEqual([["/a", "/b"]]);
    expect(reporter.counters).toEqual({ exported: 2, droppedTooLarge: 0, droppedUnsent: 0 });
  });

  test("gives its record back at once", () => {
    const { pool, reporter, finished } = setUp();
    const span = finished("/a");
    reporter.report(span);
    expect(finished("/b")).toBe(span);
    expect(pool.idle).toBe(0);
  });

  test("that finds the packet full sends it and begins the next", () => {
    const { time, sender, reporter, finished } = setUp({ maxBytes: 500 });
    for (const operation of ["/a", "/b", "/c"]) reporter.report(finished(operation, 130));
    expect(sender.batches).toEqual([["/a", "/b"]]);
    time.advance(1000);
    expect(sender.batches).toEqual([["/a", "/b"], ["/c"]]);
  });

  test("larger than a packet is dropped and counted, and does not take the others along", () => {
    const { time, sender, reporter, finished } = setUp({ maxBytes: 300 });
    reporter.report(finished("/a"));
    reporter.report(finished("/large", 250));
    reporter.report(finished("/b"));
    time.advance(1000);
    expect(sender.batches).toEqual([["/a"], ["/b"]]);
    expect(reporter.counters).toEqual({ exported: 2, droppedTooLarge: 1, droppedUnsent: 0 });
  });

  test("is lost and counted when the sender cannot send, and is not tried again", () => {
    const { time, sender, reporter, finished } = setUp();
    sender.working = false;
    reporter.report(finished("/a"));
    time.advance(1000);
    sender.working = true;
    reporter.report(finished("/b"));
    time.advance(1000);
    expect(sender.batches).toEqual([["/b"]]);
    expect(reporter.counters).toEqual({ exported: 1, droppedTooLarge: 0, droppedUnsent: 1 });
  });

  test("is named in the log only when JAEGER_REPORTER_LOG_SPANS asks for it", () => {
    const quiet = setUp();
    quiet.reporter.report(quiet.finished("/a"));
    const loud = setUp({ logSpans: true });
    loud.reporter.report(loud.finished("/a"));
    expect(quiet.log.lines).toEqual([]);
    expect(loud.log.lines).toEqual([
      "info: Reporting span 0000000000000001:0000000000000002:0000000000000000:1",
    ]);
  });
});

describe("an idle process", () => {
  test("has no timer before the first span nor after a flush", () => {
    const { time, reporter, finished } = setUp();
    expect(time.armed).toBe(0);
    reporter.report(finished("/a"));
    reporter.report(finished("/b"));
    expect(time.armed).toBe(1);
    time.advance(1000);
    expect(time.armed).toBe(0);
  });

  test("has no timer after a flush by hand or by a span too large", () => {
    const { time, reporter, finished } = setUp({ maxBytes: 300 });
    reporter.report(finished("/a"));
    reporter.flush();
    reporter.report(finished("/large", 250));
    expect(time.armed).toBe(0);
  });

  test("sends nothing when there is nothing", () => {
    const { sender, reporter } = setUp();
    reporter.flush();
    expect(sender.events).toEqual([]);
  });
});

describe("closing", () => {
  test("waits for a sender that is not ready, sends what waits, then closes it", async () => {
    const { time, sender, reporter, finished } = setUp();
    reporter.report(finished("/a"));
    await reporter.close(250);
    expect(sender.events).toEqual(["ready 250", "send", "close 250"]);
    expect(time.armed).toBe(0);
  });

  test("with nothing to send waits for nobody", async () => {
    const { sender, reporter } = setUp();
    await reporter.close(250);
    expect(sender.events).toEqual(["close 250"]);
  });
});
