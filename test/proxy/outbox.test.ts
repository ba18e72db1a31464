import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Outbox, type OutboxOwner } from "../../src/proxy/outbox.ts";
import { endTurn } from "../../src/proxy/turn.ts";
import { FakeSocket } from "../fakes/socket.ts";

class FakeOwner implements OutboxOwner {
  readonly events: string[] = [];
  pauseSource = () => void this.events.push("pause");
  resumeSource = () => void this.events.push("resume");
  broken = () => void this.events.push("broken");
}

/** More than waits for the end of a turn. */
const LARGE = 16 * 1024 + 1;

const nothing = () => {};
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

function setup(room?: number) {
  const owner = new FakeOwner();
  return { owner, outbox: new Outbox(owner), socket: new FakeSocket(room) };
}

/** Nothing that is done to it now has any effect. */
function expectDead({ owner, outbox }: { owner: FakeOwner; outbox: Outbox }, events: string[]): void {
  outbox.write(bytes("more"), false);
  outbox.write(new Uint8Array(LARGE), false);
  outbox.end();
  outbox.writable();
  endTurn();
  expect([outbox.queuedBytes, outbox.finSent, owner.events]).toEqual([0, false, events]);
}

describe("an open outbox", () => {
  test("writes a chunk that the kernel takes at the end of the turn, and never bothers the source", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    outbox.write(bytes("hello"), false);
    expect([socket.text, socket.writes, outbox.queuedBytes, owner.events]).toEqual(["", 0, 5, []]);
    endTurn();
    expect([socket.text, socket.writes, outbox.queuedBytes, owner.events]).toEqual(["hello", 1, 0, []]);
  });

  test("pauses the source at the first byte the kernel refuses and resumes it when all is written", () => {
    const { owner, outbox, socket } = setup(3);
    outbox.open(socket);
    outbox.write(bytes("hello"), false);
    endTurn();
    expect([socket.text, outbox.queuedBytes, owner.events]).toEqual(["hel", 2, ["pause"]]);
    socket.room = 1;
    outbox.writable();
    expect([socket.text, owner.events]).toEqual(["hell", ["pause"]]);
    socket.room = 9;
    outbox.writable();
    expect([socket.text, outbox.queuedBytes, owner.events]).toEqual(["hello", 0, ["pause", "resume"]]);
  });

  test("queues behind what waits, even when the kernel has room again", () => {
    const { outbox, socket } = setup(1);
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    endTurn();
    socket.room = 10;
    outbox.write(bytes("cd"), false);
    endTurn();
    expect(socket.text).toBe("a");
    outbox.writable();
    expect(socket.text).toBe("abcd");
  });

  test("says when everything that waited is sent, once, and before that if nothing waits", () => {
    const { outbox, socket } = setup(1);
    let sent = 0;
    expect(outbox.whenSent(() => sent++)).toBe(true);
    outbox.open(socket);
    expect(outbox.whenSent(() => sent++)).toBe(true);
    outbox.write(bytes("abc"), false);
    expect(outbox.whenSent(() => sent++)).toBe(false);
    endTurn();
    expect(sent).toBe(0);
    socket.room = 1;
    outbox.writable();
    expect(sent).toBe(0);
    socket.room = 5;
    outbox.writable();
    outbox.writable();
    expect(sent).toBe(1);
  });

  test("sends FIN after the queue, once", () => {
    const { outbox, socket } = setup(1);
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    outbox.end();
    outbox.end();
    endTurn();
    expect([outbox.finSent, socket.events]).toEqual([false, []]);
    socket.room = 5;
    outbox.writable();
    outbox.writable();
    expect([socket.text, outbox.finSent, socket.events]).toEqual(["ab", true, ["fin"]]);
  });

  test("sends FIN at once when nothing waits", () => {
    const { outbox, socket } = setup();
    outbox.open(socket);
    outbox.end();
    expect(socket.events).toEqual(["fin"]);
  });

  test("does nothing when told it is writable without a reason", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    outbox.writable();
    expect([socket.writes, socket.events, owner.events]).toEqual([0, [], []]);
  });

  const deaths: [string, number[], (outbox: Outbox) => void][] = [
    ["a large write", [LARGE], nothing],
    ["a large write behind a small one", [1, LARGE], nothing],
    ["the end of the turn", [1, 1], endTurn],
    ["a drain event before the end of the turn", [1, 1], (outbox) => outbox.writable()],
  ];
  test.each(deaths)(
    "finds at %s that the connection is dead: says so once, and drops the rest",
    (_, sizes, meet) => {
      const { owner, outbox, socket } = setup();
      outbox.open(socket);
      socket.isDead = true;
      for (const size of sizes) outbox.write(new Uint8Array(size), false);
      meet(outbox);
      expect(owner.events).toEqual(["broken"]);
      expectDead({ owner, outbox }, ["broken"]);
    },
  );

  test("finds in what the kernel had refused that the connection is dead: says so once, and drops the rest", () => {
    const { owner, outbox, socket } = setup(0);
    outbox.open(socket);
    outbox.write(bytes("queued"), false);
    endTurn();
    socket.isDead = true;
    outbox.writable();
    expectDead({ owner, outbox }, ["pause", "broken"]);
  });

  test("drops what comes after its FIN, and does not say that it leaves", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    outbox.end();
    const leave = [bytes("late"), new Uint8Array(LARGE)].map((late) => outbox.write(late, false));
    expect(leave).toEqual([false, false]);
    endTurn();
    expect([socket.text, outbox.queuedBytes, owner.events]).toEqual(["", 0, []]);
  });
});

describe("an outbox whose socket is not open yet", () => {
  test("keeps everything and lets the source go on while little waits", () => {
    const { owner, outbox, socket } = setup();
    outbox.write(bytes("GET / "), false);
    outbox.write(bytes("HTTP/1.1"), false);
    outbox.end();
    expect([outbox.queuedBytes, owner.events]).toEqual([14, []]);
    outbox.open(socket);
    expect([socket.text, socket.events, owner.events]).toEqual(["GET / HTTP/1.1", ["fin"], []]);
  });

  const full: [string, Uint8Array[]][] = [
    ["16 KiB", [new Uint8Array(16 * 1024)]],
    ["64 chunks", Array.from({ length: 64 }, () => bytes("x"))],
  ];
  test.each(full)("pauses the source once %s wait, and resumes it when they have gone", (_, chunks) => {
    const { owner, outbox, socket } = setup();
    for (const chunk of chunks.slice(0, -1)) outbox.write(chunk, false);
    expect(owner.events).toEqual([]);
    outbox.write(chunks.at(-1)!, false);
    expect(owner.events).toEqual(["pause"]);
    outbox.open(socket);
    expect(owner.events).toEqual(["pause", "resume"]);
  });

  test("stays shut when it opens after being discarded", () => {
    const { outbox, socket } = setup();
    outbox.write(bytes("late"), false);
    outbox.discard();
    outbox.open(socket);
    expect([socket.writes, socket.events]).toEqual([0, []]);
  });
});

describe("queued memory", () => {
  const cases: [string, number, boolean, boolean][] = [
    ["keeps a chunk of which nothing was written before itself", LARGE, false, true],
    ["keeps of a chunk that was written in part a copy of the rest", LARGE - 200, false, false],
    ["copies transient bytes whatever their size", LARGE, true, false],
  ];
  test("copies transient bytes of a Buffer, whose slice would be a view", () => {
    const { outbox, socket } = setup();
    const scratch = Buffer.from("first");
    outbox.write(scratch.subarray(0, 5), true);
    scratch.write("other");
    outbox.open(socket);
    expect(socket.text).toBe("first");
  });
  test.each(cases)("%s, and says so", (_, rest, transient, sharesMemory) => {
    const { outbox, socket } = setup(LARGE - rest);
    if (rest < LARGE) outbox.open(socket);
    const chunk = new Uint8Array(LARGE).fill(97);
    outbox.write(chunk, transient);
    expect(outbox.keeps(chunk)).toBe(sharesMemory);
    chunk.fill(98);
    socket.room = LARGE;
    outbox.open(socket);
    expect(socket.text.slice(LARGE - rest)).toBe((sharesMemory ? "b" : "a").repeat(rest));
  });
});

type Step =
  | { do: "chunk"; text: string; transient: boolean }
  | { do: "room"; bytes: number }
  | { do: "open" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("chunk" as const),
    text: fc.string({ unit: "binary-ascii", maxLength: 40 }),
    transient: fc.boolean(),
  }),
  fc.record({ do: fc.constant("room" as const), bytes: fc.nat(30) }),
  fc.record({ do: fc.constant("open" as const) }),
);

test("any order of chunks, short writes and opening delivers every byte in order, then the FIN", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, finAfter) => {
      const { owner, outbox, socket } = setup(0);
      let sent = "";
      let isOpen = false;
      steps.forEach((now, index) => {
        if (index === finAfter) outbox.end();
        if (now.do === "chunk" && index < finAfter) {
          const chunk = bytes(now.text);
          sent += now.text;
          outbox.write(chunk, now.transient);
          if (now.transient) chunk.fill(0);
        } else if (now.do === "room") {
          socket.room += now.bytes;
          outbox.writable();
        } else if (now.do === "open" && !isOpen) {
          isOpen = true;
          outbox.open(socket);
        }
        expect(sent.startsWith(socket.text)).toBe(true);
        expect(outbox.queuedBytes).toBe(sent.length - socket.text.length);
        expect(socket.isShut && outbox.queuedBytes > 0).toBe(false);
      });
      socket.room = Number.POSITIVE_INFINITY;
      if (!isOpen) outbox.open(socket);
      outbox.end();
      outbox.writable();
      expect(socket.text).toBe(sent);
      expect(socket.events).toEqual(["fin"]);
      const pauses = owner.events.filter((event) => event === "pause").length;
      expect(owner.events).toEqual(
        Array.from({ length: pauses * 2 }, (_, i) => (i % 2 ? "resume" : "pause")),
      );
    }),
    { numRuns: 500 },
  );
});
