import { describe, expect, test } from "bun:test";
import { type ByteSink, createLog, type LogLevel } from "../src/log.ts";

const AT = new Date("2026-01-02T03:04:05.678Z");

/** Takes everything at once, as a terminal does. */
class EagerSink implements ByteSink {
  text = "";
  write(text: string): void {
    this.text += text;
  }
  flush(): unknown {
    return 0;
  }
}

/** A pipe that is full until `read`. */
class StalledSink extends EagerSink {
  #flushed = Promise.withResolvers<void>();
  override flush(): Promise<void> {
    return this.#flushed.promise;
  }
  read(): void {
    const { resolve } = this.#flushed;
    this.#flushed = Promise.withResolvers();
    resolve();
  }
}

/** A full disk, or a pipe that nobody reads any more. */
class BrokenSink extends EagerSink {
  isBroken = true;
  override flush(): unknown {
    if (this.isBroken) throw new Error("ENOSPC");
    return 0;
  }
}

function logTo(sink: ByteSink, level: LogLevel = "info") {
  return createLog(level, sink, () => AT);
}

describe("levels", () => {
  const rows: [LogLevel, string][] = [
    ["debug", "debug info warn error fatal"],
    ["info", "info warn error fatal"],
    ["warning", "warn error fatal"],
    ["warn", "warn error fatal"],
    ["error", "error fatal"],
    ["fatal", "fatal"],
  ];
  test.each(rows)("at %s these are written: %s", (level, expected) => {
    const sink = new EagerSink();
    const log = logTo(sink, level);
    for (const method of ["debug", "info", "warn", "error", "fatal"] as const) log[method](method);
    expect(
      sink.text
        .trim()
        .split("\n")
        .map((line) => line.split(" ").at(-1))
        .join(" "),
    ).toBe(expected);
  });
});

describe("a line", () => {
  test("is time, level and message", () => {
    const sink = new EagerSink();
    logTo(sink).warn("the agent is gone");
    expect(sink.text).toBe("2026-01-02T03:04:05.678Z WARN  the agent is gone\n");
  });

  test("is written every time, however often it is repeated", () => {
    const sink = new EagerSink();
    for (let i = 0; i < 20; i++) logTo(sink).info("again");
    expect(sink.text.match(/again/g)).toHaveLength(20);
  });

  test.each([
    ["a line feed", "a\nb", "a | b"],
    ["carriage return and line feed", "a\r\nb", "a | b"],
    ["a stack", "Error: x\n    at f (a.ts:1)\n    at g (b.ts:2)", "Error: x | at f (a.ts:1) | at g (b.ts:2)"],
    ["a lone carriage return", "a\rb", "a | b"],
    ["escape", "\u001b[2Jb", "?[2Jb"],
    ["backspaces", "abc\b\b", "abc??"],
    ["delete", "a\u007fb", "a?b"],
    ["the 8-bit escape", "a\u009b2Jb", "a?2Jb"],
    ["the separators of Unicode", "a\u2028b\u2029c", "a?b?c"],
    ["text of any script", "Привет, 世界", "Привет, 世界"],
  ])("stays one line with %s", (_, message, expected) => {
    const sink = new EagerSink();
    logTo(sink).info(message);
    expect(sink.text).toBe(`2026-01-02T03:04:05.678Z INFO  ${expected}\n`);
  });

  test("is cut when it is very long", () => {
    const sink = new EagerSink();
    logTo(sink).info("x".repeat(5_000_000));
    expect(sink.text.length).toBeLessThan(10_000);
    expect(sink.text).toEndWith("x\n");
  });
});

describe("a sink that takes nothing", () => {
  const LINE = "x".repeat(1000);
  const LINES = 5000;

  test("makes lines wait up to a bound, and the rest are dropped and counted", async () => {
    const sink = new StalledSink();
    const log = logTo(sink);
    log.info("first");
    for (let i = 0; i < LINES; i++) log.info(LINE);
    expect(sink.text).toEndWith("first\n");
    sink.read();
    await Promise.resolve();
    const kept = sink.text.match(/x{1000}/g)!.length;
    expect(sink.text.length).toBeLessThan(1_100_000);
    expect(sink.text).toEndWith(`WARN  ${LINES - kept} log lines dropped here: the log was not read\n`);
  });

  test("is written to again, in order, once it takes bytes", async () => {
    const sink = new StalledSink();
    const log = logTo(sink);
    for (const message of ["one", "two", "three"]) log.info(message);
    sink.read();
    const drained = log.drain(10_000);
    await Promise.resolve();
    sink.read();
    await drained;
    expect(sink.text.match(/one|two|three/g)).toEqual(["one", "two", "three"]);
  });

  test("does not hold up the end beyond the deadline", async () => {
    const log = logTo(new StalledSink());
    log.info("never read");
    expect(await log.drain(1)).toBeUndefined();
  });
});

test("a sink that takes everything is drained at once", async () => {
  const log = logTo(new EagerSink());
  log.info("read");
  expect(await log.drain(Number.MAX_SAFE_INTEGER)).toBeUndefined();
});

test("a broken sink costs lines, never the caller, and is tried again", () => {
  const sink = new BrokenSink();
  const log = logTo(sink);
  expect(() => log.info("lost")).not.toThrow();
  sink.isBroken = false;
  log.info("written");
  expect(sink.text).toEndWith("INFO  written\n");
});

test("a level that is set later holds from then on, and is said", () => {
  const sink = new EagerSink();
  const log = logTo(sink, "fatal");
  const levels: LogLevel[] = ["fatal", "debug", "error"];
  for (const level of levels) {
    log.setLevel(level);
    expect(log.level).toBe(level);
    log.debug(`debug at ${level}`);
    log.error(`error at ${level}`);
  }
  expect(sink.text.match(/\w+ at \w+/g)).toEqual(["debug at debug", "error at debug", "error at error"]);
});
