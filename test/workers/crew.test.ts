import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { Board } from "../../src/workers/board.ts";
import { Crew } from "../../src/workers/crew.ts";
import type { Thread } from "../../src/workers/member.ts";
import type { FromWorker, ToWorker, WorkerOrder } from "../../src/workers/messages.ts";
import { MemoryLog } from "../fakes/log.ts";

/** A thread in the test's hands. */
class FakeThread implements Thread {
  readonly heard: ToWorker[] = [];
  onmessage: Thread["onmessage"] = null;
  onerror: Thread["onerror"] = null;
  terminated = false;
  #ended = () => {};
  postMessage(message: ToWorker): void {
    this.heard.push(message);
  }
  terminate(): void {
    if (!this.terminated) this.end();
  }
  addEventListener(_: "close", listener: () => void): void {
    this.#ended = listener;
  }
  say(message: FromWorker): void {
    this.onmessage!({ data: message });
  }
  end(): void {
    this.terminated = true;
    this.#ended();
  }
  /** The kinds of what it heard. */
  get kinds(): string[] {
    return this.heard.map(({ kind }) => kind);
  }
  answer(text: string): void {
    const asked = this.heard.findLast((message) => message.kind === "ask")!;
    this.say({ kind: "answer", id: (asked as { id: number }).id, text });
  }
}

const metric = (count: number) => `# TYPE a_total counter\na_total ${count}\n`;
const own = (count: number) => () => ({ contentType: "text/plain", body: Buffer.from(metric(count)) });

let threads: FakeThread[];
let log: MemoryLog;
let board: Board;
let released: number[];
let crew: Crew;
let pages: Uint8Array[];

beforeEach(() => {
  jest.useFakeTimers();
  threads = [];
  released = [];
  pages = [];
  log = new MemoryLog();
  board = new Board(Board.allocate(3));
  crew = new Crew({
    loops: 3,
    spawn: () => {
      threads.push(new FakeThread());
      return threads.at(-1)!;
    },
    board,
    log,
    release: (number) => released.push(number),
  });
});
afterEach(() => {
  jest.useRealTimers();
});

function start(): void {
  crew.start({ order: (number) => ({ number }) as WorkerOrder, takeAccess: (page) => pages.push(page) });
}

function startListening(): void {
  start();
  for (const thread of threads) thread.say({ kind: "listening" });
}

/** Lets promises that are settled go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("a crew", () => {
  test("is complete before it is started, and again when the last one listens", () => {
    expect([crew.isComplete, crew.hasStarted]).toEqual([true, false]);
    start();
    expect(threads.map(({ heard }) => heard)).toEqual([
      [{ kind: "start", order: { number: 2 } }],
      [{ kind: "start", order: { number: 3 } }],
    ] as never);
    threads[1]!.say({ kind: "listening" });
    expect([crew.isComplete, crew.figures.listening]).toEqual([false, 2]);
    threads[0]!.say({ kind: "listening" });
    expect([crew.isComplete, crew.figures.listening]).toEqual([true, 3]);
  });

  test("hears of levels and configurations, and says what it has to say", () => {
    startListening();
    crew.setLevel("debug");
    crew.change({ A: "b" });
    threads[1]!.say({ kind: "log", severity: "warn", message: "careful" });
    threads[1]!.say({ kind: "access", page: Uint8Array.of(1) });
    for (const { heard } of threads) {
      expect(heard.slice(1)).toEqual([
        { kind: "level", level: "debug" },
        { kind: "change", environment: { A: "b" } },
      ]);
    }
    expect(log.lines).toContain("warn: careful");
    expect(pages).toEqual([Uint8Array.of(1)]);
  });

  test("that is not started yet answers for nobody", async () => {
    expect(crew.restart(2)).toBe(false);
    expect(Buffer.from((await crew.scrape(own(1), "")).body).toString()).toBe(metric(1));
    await crew.close();
    start();
    expect(threads).toEqual([]);
  });
});

describe("metrics", () => {
  async function scraped(...answers: (number | null)[]): Promise<string> {
    const scrape = crew.scrape(own(1), "");
    answers.forEach((count, i) => {
      if (count !== null) threads[i]!.answer(metric(count));
    });
    jest.advanceTimersByTime(250);
    return Buffer.from((await scrape).body).toString();
  }

  test("are those of all", async () => {
    startListening();
    expect(await scraped(10, 100)).toBe(metric(111));
  });

  test("of one that does not answer in time are those it told last", async () => {
    startListening();
    await scraped(10, 100);
    expect(await scraped(20, null)).toBe(metric(121));
  });

  test("of one that is gone stay, and those of its successor are added", async () => {
    startListening();
    await scraped(10, 100);
    threads[1]!.end();
    expect(await scraped(10)).toBe(metric(111));
    jest.advanceTimersByTime(1000);
    const scrape = crew.scrape(own(1), "");
    threads[0]!.answer(metric(10));
    threads[2]!.answer(metric(5));
    expect(Buffer.from((await scrape).body).toString()).toBe(metric(116));
    expect(crew.figures.restarts).toEqual([0, 0, 1]);
  });

  test("that it tells when it ends are its last", async () => {
    startListening();
    threads[1]!.say({ kind: "closed", summary: "all well", metrics: metric(100) });
    expect(log.lines).toContain("info: worker 3: all well");
    expect(await scraped(10)).toBe(metric(111));
  });
});

describe("a worker that ends", () => {
  test("leaves nothing behind, and is started again a second later", () => {
    startListening();
    board.observer(3).opened({} as never);
    threads[1]!.onerror!({ message: "out of luck" });
    threads[1]!.end();
    expect([board.open, released, crew.figures.listening]).toEqual([0, [3], 2]);
    expect(log.lines).toContain("error: worker 3 failed: out of luck");
    jest.advanceTimersByTime(999);
    expect(threads).toHaveLength(2);
    jest.advanceTimersByTime(1);
    expect(threads[2]!.heard[0]).toMatchObject({ kind: "start", order: { number: 3 } });
    expect([crew.figures.listening, crew.isComplete]).toEqual([2, true]);
  });

  test("because it cannot listen says why", () => {
    start();
    threads[0]!.say({ kind: "failed", why: "cannot listen" });
    expect(log.lines).toContain("error: worker 2: cannot listen");
    expect([threads[0]!.terminated, crew.isComplete]).toEqual([true, false]);
  });
});

describe("to be restarted, a worker", () => {
  test("is asked to end", () => {
    startListening();
    expect(crew.restart(3)).toBe(true);
    expect(threads[1]!.kinds).toEqual(["start", "close"]);
    expect(threads[0]!.kinds).toEqual(["start"]);
    threads[1]!.say({ kind: "closed", summary: "", metrics: "" });
    jest.advanceTimersByTime(1000);
    expect(threads).toHaveLength(3);
  });

  test("is ended by force if it does not answer", () => {
    startListening();
    crew.restart(3);
    jest.advanceTimersByTime(1499);
    expect(threads[1]!.terminated).toBe(false);
    jest.advanceTimersByTime(1);
    expect(threads[1]!.terminated).toBe(true);
  });

  test.each([1, 4])("has to be there: %d is not", (number) => {
    startListening();
    expect(crew.restart(number)).toBe(false);
  });
});

test("closing ends all, and nobody is started again", async () => {
  startListening();
  const closed = crew.close();
  threads[0]!.say({ kind: "closed", summary: "", metrics: "" });
  jest.advanceTimersByTime(1500);
  await closed;
  await settle();
  jest.advanceTimersByTime(10_000);
  expect(threads.map(({ terminated }) => terminated)).toEqual([true, true]);
});
