import { describe, expect, test } from "bun:test";
import type { ByteSink } from "../src/log/line-queue.ts";
import { createLog, type LogLevel, type LogOptions } from "../src/log.ts";

const AT = new Date("2026-01-02T03:04:05.678Z");

/** Takes everything at once, as a terminal does. */
class EagerSink implements ByteSink {
  text = "";
  write(bytes: Uint8Array): unknown {
    this.text += Buffer.from(bytes).toString();
    return bytes.length;
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

/** A full disk, or a pipe that nobody reads any more, in each of the ways in which that comes out. */
class BrokenSink extends EagerSink {
  broken: "write" | "flush" | "throw" | null;
  constructor(way: BrokenSink["broken"]) {
    super();
    this.broken = way;
  }
  override write(bytes: Uint8Array): unknown {
    if (this.broken === null) return super.write(bytes);
    return this.broken === "write" ? Promise.reject(new Error("EPIPE")) : 0;
  }
  override flush(): unknown {
    if (this.broken === "throw") throw new Error("ENOSPC");
    return this.broken === "flush" ? Promise.reject(new Error("ENOSPC")) : 0;
  }
}

function logTo(sink: ByteSink, options: Partial<LogOptions> = {}) {
  return createLog({ level: "info", sink, now: () => AT, ...options });
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
    const log = logTo(sink, { level });
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

describe("a line of JSON", () => {
  function parsed(message: string) {
    const sink = new EagerSink();
    logTo(sink, { format: "json", service: "shop" }).warn(message);
    expect(sink.text).toMatch(/^[^\n]*\n$/);
    return { text: sink.text, ...JSON.parse(sink.text) };
  }

  test("is time, level, message and service", () => {
    const { text } = parsed('the "agent" is gone');
    expect(text).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","level":"warning","message":"the \\"agent\\" is gone","service":"shop"}\n',
    );
  });

  test.each([
    ["line ends, which stay what they are", "a\r\nb", "a\r\nb"],
    ["control characters, escaped", "a\u001bb\u0000", "a\u001bb\u0000"],
    ["what JSON would leave to a terminal", "a\u007f\u009b\u2028b", "a???b"],
    ["text of any script", "Привет, 世界", "Привет, 世界"],
    ["half a character", "a\ud83d", "a\ud83d"],
  ])("holds %s", (_, message, expected) => {
    const { text, message: read } = parsed(message);
    expect(read).toBe(expected);
    expect(text.trimEnd()).not.toMatch(/\p{Cc}/u);
  });

  test("is cut when it is very long", () => {
    expect(parsed("x".repeat(5_000_000)).text.length).toBeLessThan(10_000);
  });

  test("has no service where none has a name", () => {
    const sink = new EagerSink();
    logTo(sink, { format: "json" }).info("hi");
    expect(Object.keys(JSON.parse(sink.text))).toEqual(["time", "level", "message"]);
  });
});

test.each(["text", "json"] as const)("a level that is set holds from then on, in %s", (format) => {
  const sink = new EagerSink();
  const log = logTo(sink, { format, level: "fatal" });
  const said = () => {
    for (const method of ["debug", "info", "warn", "error", "fatal"] as const) log[method](method);
    const count = sink.text.split("\n").length - 1;
    sink.text = "";
    return count;
  };
  expect([log.level, said()]).toEqual(["fatal", 1]);
  log.setLevel("debug");
  expect([log.level, said()]).toEqual(["debug", 5]);
  log.setLevel("error");
  expect([log.level, said()]).toEqual(["error", 2]);
});

test("who wants to know hears of every level that is set", () => {
  const log = createLog({ level: "info", sink: { write: () => 0, flush: () => 0 } });
  const heard: string[] = [];
  log.onLevel((level) => heard.push(level));
  log.setLevel("debug");
  log.setLevel("error");
  expect(heard).toEqual(["debug", "error"]);
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
    await Bun.sleep(0);
    const kept = sink.text.match(/x{1000}/g)!.length;
    expect(sink.text.length).toBeLessThan(1_100_000);
    expect(sink.text).toEndWith(
      `WARN  ${LINES - kept} log lines are missing here: the log was not read, or could not be written\n`,
    );
    expect(log.dropped).toBe(LINES - kept);
  });

  test("is written to again, in order, once it takes bytes", async () => {
    const sink = new StalledSink();
    const log = logTo(sink);
    for (const message of ["one", "two", "three"]) log.info(message);
    sink.read();
    const drained = log.drain(10_000);
    await Bun.sleep(0);
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

test.each(["write", "flush", "throw"] as const)(
  "a sink that breaks (%s) costs lines, which are counted, never the caller, and is tried again",
  async (way) => {
    const sink = new BrokenSink(way);
    const log = logTo(sink);
    expect(() => log.info("lost")).not.toThrow();
    await log.drain(10_000);
    expect(log.dropped).toBe(1);
    sink.broken = null;
    log.info("written");
    expect(sink.text).toMatch(/INFO {2}written\n.*WARN {2}1 log lines are missing here: .*\n$/);
  },
);
