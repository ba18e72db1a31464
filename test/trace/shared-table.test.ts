import { describe, expect, test } from "bun:test";
import { SharedTable } from "../../src/trace/shared-table.ts";
import type { Order, Report } from "./support/table-hammer.ts";

const WORDS = 4;

function setUp(entries = 1000, expirationMs = 5000) {
  const memory = SharedTable.allocate(entries, WORDS);
  const time = { nowMs: 2 ** 33 };
  const open = () => new SharedTable({ memory, payloadWords: WORDS, expirationMs, nowMs: () => time.nowMs });
  const into = new Int32Array(WORDS);
  const value = (table: SharedTable, key: string) => (table.get(key, into) === 0 ? null : into[0]!);
  const put = (table: SharedTable, key: string, n: number, holder?: number) =>
    table.put(key, Int32Array.of(n), 1, holder);
  return { memory, time, open, value, put };
}

describe("an entry", () => {
  test("is unknown before it is put, and the last one put afterwards, wherever somebody asks", () => {
    const { open, value, put } = setUp();
    const [one, other] = [open(), open()];
    expect(value(one, "a")).toBe(null);
    put(one, "a", 1);
    put(other, "a", -2);
    expect([value(one, "a"), value(other, "a"), value(one, "b"), one.size]).toEqual([-2, -2, null, 1]);
  });

  test.each([1, 3, WORDS])("gives back its %d words and no more", (length) => {
    const table = setUp().open();
    table.put("a", Int32Array.of(9, 9, 9, 9), WORDS);
    table.put("a", Int32Array.of(1, 2, 3, 4), length);
    const into = new Int32Array(WORDS);
    expect(table.get("a", into)).toBe(length);
    expect([...into]).toEqual([1, 2, 3, 4].map((word, i) => (i < length ? word : 0)));
  });

  test("lives for its expiration, to the millisecond, and anew when it is put again", () => {
    const { time, open, value, put } = setUp();
    const table = open();
    put(table, "a", 1);
    put(table, "b", 2);
    time.nowMs += 4999;
    put(table, "b", 3);
    expect([value(table, "a"), value(table, "b"), table.size]).toEqual([1, 3, 2]);
    time.nowMs += 1;
    expect([value(table, "a"), value(table, "b"), table.size]).toEqual([null, 3, 1]);
  });

  test.each([0, -1])("with expiration %d never expires", (expirationMs) => {
    const { time, open, value, put } = setUp(8, expirationMs);
    const table = open();
    put(table, "a", 1);
    time.nowMs += 1e9;
    expect(value(table, "a")).toBe(1);
  });

  test("does not expire while it is held, and lives on from when it is let go of", () => {
    const { time, open, value, put } = setUp();
    const table = open();
    put(table, "a", 1, 2);
    time.nowMs += 1e9;
    put(table, "a", 1);
    time.nowMs += 4999;
    expect(value(table, "a")).toBe(1);
    time.nowMs += 1;
    expect(value(table, "a")).toBe(null);
  });

  test("expires after its holder is gone, and nobody else's does", () => {
    const { time, open, value, put } = setUp();
    const table = open();
    put(table, "a", 1, 2);
    put(table, "b", 2, 3);
    time.nowMs += 1e9;
    table.release(2);
    time.nowMs += 5000;
    expect([value(table, "a"), value(table, "b")]).toEqual([null, 2]);
  });
});

describe("a full table", () => {
  test("forgets what was put longest ago and counts it, for all", () => {
    const { time, open, value, put } = setUp(8);
    const [one, other] = [open(), open()];
    for (let i = 0; i < 10; i++) {
      time.nowMs++;
      put(one, `${i}`, i);
    }
    expect(Array.from({ length: 10 }, (_, i) => value(one, `${i}`) !== null)).toEqual(
      Array.from({ length: 10 }, (_, i) => i >= 2),
    );
    expect([one.size, other.evicted]).toEqual([8, 2]);
  });

  test("takes the place of what has expired without a loss", () => {
    const { time, open, put } = setUp(8);
    const table = open();
    for (let i = 0; i < 8; i++) put(table, `${i}`, i);
    time.nowMs += 5000;
    for (let i = 8; i < 16; i++) put(table, `${i}`, i);
    expect([table.size, table.evicted]).toEqual([8, 0]);
  });

  test("loses what is put while all its places are being written, and finds nothing there", () => {
    const { memory, open, value, put } = setUp(8);
    const table = open();
    const words = new Int32Array(memory);
    const slotWords = (words.length - 16) / 8;
    for (let i = 0; i < 8; i++) put(table, `${i}`, i);
    for (let i = 0; i < 8; i++) words[16 + i * slotWords]! |= 1;
    put(table, "new", 1);
    expect([value(table, "new"), value(table, "0"), table.evicted]).toEqual([null, null, 1]);
  });
});

test("nearly fills before it loses anything: keys spread evenly over the sets", () => {
  const { open, put } = setUp(8000);
  const table = open();
  for (let i = 0; i < 4000; i++) put(table, crypto.randomUUID(), i);
  expect(table.evicted).toBeLessThan(200);
  expect(table.size).toBe(4000 - table.evicted);
});

test("the size of a large table is an estimate that is close", () => {
  const { open, put } = setUp(400_000);
  const table = open();
  for (let i = 0; i < 20_000; i++) put(table, `request ${i}`, i);
  expect(table.evicted).toBe(0);
  expect(Math.abs(table.size - 20_000)).toBeLessThan(1000);
});

test("threads that write and read the same few slots at once never see half of an entry", async () => {
  const payloadWords = 10;
  const memory = SharedTable.allocate(16, payloadWords);
  const order: Order = { memory, payloadWords, keys: 24, rounds: 100_000 };
  const reports = await Promise.all([1, 2].map((writer) => hammer({ ...order, writer })));
  for (const { torn, found } of reports) {
    expect(torn).toBe(0);
    expect(found).toBeGreaterThan(0);
  }
});

function hammer(order: Order & { writer: number }): Promise<Report> {
  const worker = new Worker(new URL("./support/table-hammer.ts", import.meta.url).href);
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(order);
  return promise.finally(() => worker.terminate());
}
