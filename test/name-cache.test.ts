import { describe, expect, test } from "bun:test";
import { type FoundAddress, NameCache } from "../src/name-cache.ts";

/** A cache whose names the test answers. */
function setUp(timeoutMs = 60_000) {
  const asked: string[] = [];
  const answers: ((found: readonly FoundAddress[] | Error) => Promise<void>)[] = [];
  const clock = { ms: 0 };
  const cache = new NameCache({
    nowMs: () => clock.ms,
    timeoutMs,
    lookup: (name) => {
      asked.push(name);
      const { promise, resolve, reject } = Promise.withResolvers<readonly FoundAddress[]>();
      answers.push(async (found) => {
        if (found instanceof Error) reject(found);
        else resolve(found);
        await Bun.sleep(0);
      });
      return promise;
    },
  });
  return { cache, asked, answers, clock };
}

const found = (address: string, ttl: number) => [{ address, ttl }];

describe("a name", () => {
  test("has the first of its addresses once it is looked up", async () => {
    const { cache, answers } = setUp();
    const lookup = cache.find("cart");
    let heard = 0;
    lookup.whenDone(() => heard++);
    expect([lookup.isDone, lookup.ip, heard]).toEqual([false, null, 0]);
    await answers[0]!([...found("10.0.0.1", 5), ...found("10.0.0.2", 5)]);
    expect([lookup.isDone, lookup.ip, heard]).toEqual([true, "10.0.0.1", 1]);
    lookup.whenDone(() => heard++);
    expect(heard).toBe(2);
  });

  test("has an IPv4 address if that is mapped into IPv6, however it is written", async () => {
    const { cache, answers } = setUp();
    const lookup = cache.find("cart");
    await answers[0]!(found("::ffff:127.0.0.1", 5));
    expect(lookup.ip).toBe("127.0.0.1");
  });

  test("is asked for once, however many wait for it", async () => {
    const { cache, asked, answers } = setUp();
    const lookups = [cache.find("cart"), cache.find("cart")];
    await answers[0]!(found("10.0.0.1", 5));
    expect([asked, lookups.map(({ ip }) => ip)]).toEqual([["cart"], ["10.0.0.1", "10.0.0.1"]]);
  });

  // biome-ignore format: one row a line
  const lives: [label: string, answer: readonly FoundAddress[] | Error, ms: number][] = [
    ["as long as its TTL says", found("10.0.0.1", 30), 30_000],
    ["a second at least, as for /etc/hosts, which names no TTL", found("10.0.0.1", 0), 1000],
    ["five minutes at most", found("10.0.0.1", 86_400), 300_000],
    ["a second if it was not found", new Error("ENOTFOUND"), 1000],
    ["a second if it has no address", [], 1000],
  ];
  test.each(lives)("is remembered %s", async (_, answer, ms) => {
    const { cache, asked, answers, clock } = setUp();
    cache.find("cart");
    await answers[0]!(answer);
    clock.ms = ms - 1;
    expect([cache.find("cart").isDone, asked.length]).toEqual([true, 1]);
    clock.ms = ms;
    expect([cache.find("cart").isDone, asked.length]).toEqual([false, 2]);
  });

  test("that nobody answers for has no address after the timeout, and a late answer changes nothing", async () => {
    const { cache, answers } = setUp(1);
    const lookup = cache.find("cart");
    await new Promise<void>((resolve) => lookup.whenDone(resolve));
    await answers[0]!(found("10.0.0.1", 5));
    expect([lookup.ip, cache.find("cart").ip]).toEqual([null, null]);
  });

  test("is forgotten when 1024 others came after it", async () => {
    const { cache, asked, answers } = setUp();
    for (let i = 0; i <= 1024; i++) {
      cache.find(`cart-${i}`);
      await answers[i]!(found("10.0.0.1", 60));
    }
    cache.find("cart-1024");
    expect(asked.length).toBe(1025);
    cache.find("cart-0");
    expect(asked.length).toBe(1026);
  });

  test("has no address while 256 others are looked up", async () => {
    const { cache, asked, answers, clock } = setUp();
    for (let i = 0; i < 256; i++) cache.find(`cart-${i}`);
    const refused = cache.find("one-too-many");
    expect([refused.isDone, refused.ip, asked.length]).toEqual([true, null, 256]);
    await answers[0]!(found("10.0.0.1", 60));
    clock.ms = 1000;
    expect(cache.find("one-too-many").isDone).toBe(false);
  });

  test("keeps its address while 256 others are looked up, until it can be asked for", async () => {
    const { cache, asked, answers, clock } = setUp();
    cache.find("cart");
    await answers[0]!(found("10.0.0.1", 1));
    clock.ms = 1000;
    for (let i = 0; i < 256; i++) cache.find(`cart-${i}`);
    for (let i = 0; i < 1024; i++) cache.find(`one-too-many-${i}`);
    expect([cache.find("cart").ip, asked.length]).toEqual(["10.0.0.1", 257]);
    await answers[1]!(found("10.0.0.2", 60));
    expect([cache.find("cart").isDone, asked.at(-1)]).toEqual([false, "cart"]);
  });

  test("keeps its address if nobody answers any more", async () => {
    const { cache, answers, clock } = setUp(1);
    cache.find("cart");
    await answers[0]!(found("10.0.0.1", 1));
    clock.ms = 1000;
    const lookup = cache.find("cart");
    await new Promise<void>((resolve) => lookup.whenDone(resolve));
    expect(lookup.ip).toBe("10.0.0.1");
  });
});

test("localhost is found as the system finds it", async () => {
  const lookup = new NameCache().find("localhost");
  await new Promise<void>((resolve) => lookup.whenDone(resolve));
  expect(["127.0.0.1", "::1"]).toContain(lookup.ip!);
});
