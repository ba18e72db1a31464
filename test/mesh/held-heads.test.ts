import { afterEach, describe, expect, test } from "bun:test";
import { Conversation, ID_LINE } from "./conversation.ts";

/** More heads of their size than all connections may hold together, and many more than they need to get there. */
const MOST = 2000;
const GET = "GET / HTTP/1.1\r\n\r\n";
const GET_SENT = `GET / HTTP/1.1\r\n${ID_LINE}\r\n`;
const LONG_LINE = `A: ${"a".repeat(20_000)}\r\n`;
const MANY_LINES = "a:\r\n".repeat(1000);

/** How a connection comes to have half a head, and what it is. */
// biome-ignore format: one row a line
const HALVES: [label: string, half: string, begin: (half: string, size?: number) => Conversation][] = [
  ["requests with a long line", `GET / HTTP/1.1\r\n${LONG_LINE}`, (half, size) => new Conversation().client(half, size)],
  ["requests with many lines", `GET / HTTP/1.1\r\n${MANY_LINES}`, (half, size) => new Conversation().client(half, size)],
  ["responses with a long line", `HTTP/1.1 200 OK\r\n${LONG_LINE}`, (half, size) => new Conversation().client(GET).upstream(half, size)],
  ["responses with many lines", `HTTP/1.1 200 OK\r\n${MANY_LINES}`, (half, size) => new Conversation().client(GET).upstream(half, size)],
];

const talks: Conversation[] = [];

/** Begins connections until one is given up; that one. */
function crowd(begin: () => Conversation): Conversation {
  for (let i = 0; i < MOST; i++) {
    const talk = begin();
    talks.push(talk);
    if (talk.opaqueReasons.length > 0) return talk;
  }
  throw new Error(`${MOST} heads are held`);
}

function leave(): void {
  for (const talk of talks.splice(0)) talk.closed("client-reset");
}

afterEach(leave);

describe.each(HALVES)("half the heads of many %s", (_, half, begin) => {
  const isRequest = half.startsWith("GET");

  test.each([0, 1000])("are held until they are too much together, in pieces of %d", (size) => {
    const last = crowd(() => begin(half, size));
    expect(last.opaqueReasons).toEqual(["too-much-held"]);
    expect(talks.length).toBeGreaterThan(100);
    const end = "B: b\r\n\r\n";
    if (isRequest) {
      expect(last.client(end).relay.upstream).toBe(half + end);
    } else {
      expect(last.upstream(end).relay.client).toBe(half + end);
      expect(last.observer.seen.at(-1)).toBe("< 200 -1 unreadable");
    }
  });

  test("leave their memory to others when their connections end", () => {
    crowd(() => begin(half));
    const before = talks.length;
    leave();
    crowd(() => begin(half));
    expect(talks.length).toBe(before);
  });

  test("leave their memory to others when they are complete", () => {
    crowd(() => begin(half));
    const complete = talks.splice(0);
    for (const talk of complete.slice(0, -1)) {
      if (isRequest) expect(talk.client("\r\n").opaqueReasons).toEqual([]);
      else expect(talk.upstream("\r\n").opaqueReasons).toEqual([]);
    }
    crowd(() => begin(half));
    expect(talks.length).toBe(complete.length);
  });

  test("leave whole heads alone", () => {
    crowd(() => begin(half));
    const talk = new Conversation().client(GET).upstream("HTTP/1.1 204 No\r\n\r\n");
    expect(talk.relay.upstream).toBe(GET_SENT);
    expect(talk.observer.seen.at(-1)).toBe("< 204 0 complete");
  });
});
