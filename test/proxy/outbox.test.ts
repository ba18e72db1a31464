import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Outbox, type OutboxOwner } from "../../src/proxy/outbox.ts";
import { endTurn, keepForTurn } from "../../src/proxy/turn.ts";
import { FakeSocket } from "../fakes/socket.ts";
import { haveBusyTurn } from "../fakes/turn.ts";

beforeEach(haveBusyTurn);

class FakeOwner implements OutboxOwner {
  readonly events: string[] = [];
  readonly departures: string[] = [];
  firstDeparts: () => void = () => this.departures.push("first");
  lastDeparts: () => void = () => this.departures.push("last");
  pauseSource = () => void this.events.push("pause");
  resumeSource = () => void this.events.push("resume");
  failed = (error: unknown) => void this.events.push(`failed: ${(error as Error).message}`);
  broken = () => void this.events.push("broken");
}

/** More than waits for the end of a turn. */
const LARGE = 16 * 1024 + 1;

/** A slice of it tells where it was cut. */
const ALPHABETS = "abcdefghijklmnopqrstuvwxyz".repeat(1000);

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

describe("in one turn of the event loop", () => {
  /** So many bytes of "a", so many of "b" and so on. */
  const written = (sizes: number[]) => sizes.map((size, i) => "abcdef"[i]!.repeat(size));

  const KIB = 1024;
  // biome-ignore format: one row a line
  const sizes: [string, number[], number, boolean][] = [
    ["an empty chunk is nothing that leaves", [0], 0, false],
    ["one chunk of 16 KiB waits for the end", [16 * KIB], 0, true],
    ["chunks of 16 KiB in total wait for the end", [8 * KIB, 4 * KIB, 4 * KIB], 0, true],
    ["a larger chunk leaves at once", [LARGE], LARGE, false],
    ["a larger chunk leaves at once, behind what waits", [10, 20, LARGE], LARGE + 30, false],
    ["a chunk that is too much with what waits takes the place of that", [10 * KIB, 10 * KIB], 10 * KIB, true],
    ["small chunks behind a large one wait for the end", [LARGE, 10, 20], LARGE, true],
  ];
  test.each(sizes)("%s", async (_, chunks, atOnce, lastLeaves) => {
    for (const transient of [false, true]) {
      await haveBusyTurn();
      const { owner, outbox, socket } = setup();
      outbox.open(socket);
      const texts = written(chunks);
      const scratch = Buffer.alloc(LARGE);
      const leave = texts.map((text) => {
        const chunk = transient ? scratch.subarray(0, scratch.write(text)) : bytes(text);
        return outbox.write(chunk, transient);
      });
      const all = texts.join("");
      expect([leave.at(-1)!, socket.text === all.slice(0, atOnce)]).toEqual([lastLeaves, true]);
      scratch.fill(0);
      endTurn();
      expect([socket.text === all, outbox.queuedBytes, owner.events]).toEqual([true, 0, []]);
    }
  });

  test("what comes behind bytes that the kernel refuses waits with them, however large", () => {
    const { owner, outbox, socket } = setup(3);
    outbox.open(socket);
    outbox.write(bytes("abcde"), false);
    const chunks = written([LARGE, 5]);
    expect(chunks.map((text) => outbox.write(bytes(text), false))).toEqual([false, false]);
    expect([socket.text, owner.events]).toEqual(["abc", ["pause"]]);
    endTurn();
    socket.room = 1e6;
    outbox.writable();
    expect(socket.text === `abcde${chunks.join("")}`).toBe(true);
    expect(owner.events).toEqual(["pause", "resume"]);
  });

  test("FIN leaves at the end too, behind what waits", () => {
    const { outbox, socket } = setup();
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    outbox.end();
    expect([socket.text, socket.events, outbox.finSent]).toEqual(["", [], false]);
    endTurn();
    expect([socket.text, socket.events, outbox.finSent]).toEqual(["ab", ["fin"], true]);
  });

  test("its owner hears that the first bytes are about to leave, once", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    owner.firstDeparts = () => owner.departures.push(`first of "${socket.text}"`);
    for (const text of ["ab", "cd"]) {
      outbox.write(bytes(text), false);
      endTurn();
    }
    expect([socket.text, owner.departures]).toEqual(["abcd", ['first of ""']]);
  });

  test("a FIN that is asked for when they are about to leave follows them, and was announced before", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    owner.firstDeparts = () => outbox.end();
    owner.lastDeparts = () => owner.departures.push(`last of "${socket.text}"`);
    outbox.write(bytes("ab"), false);
    endTurn();
    expect([socket.text, socket.events, owner.departures]).toEqual(["ab", ["fin"], ['last of ""']]);
  });

  test("bytes that leave before the end of the turn are not their owner's last moment to ask for FIN", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    outbox.write(new Uint8Array(LARGE), false);
    endTurn();
    expect([socket.text.length, owner.departures]).toEqual([LARGE + 2, []]);
  });

  test("an owner that drops everything when the first bytes are about to leave lets them go", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    owner.firstDeparts = () => outbox.discard();
    outbox.write(bytes("ab"), false);
    endTurn();
    expect([socket.text, socket.writes]).toEqual(["ab", 1]);
    expectDead({ owner, outbox }, []);
  });

  test("everything is sent when the turn is over, and that is said once", () => {
    const { outbox, socket } = setup();
    const heard: string[] = [];
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    expect(outbox.whenSent(() => void heard.push(socket.text))).toBe(false);
    endTurn();
    endTurn();
    expect(heard).toEqual(["ab"]);
  });

  test("a drain event lets what waits leave, and what follows waits for the end again", () => {
    const { owner, outbox, socket } = setup();
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    outbox.writable();
    expect([socket.text, outbox.queuedBytes]).toEqual(["ab", 0]);
    outbox.write(bytes("cd"), false);
    expect(socket.text).toBe("ab");
    endTurn();
    expect([socket.text, socket.writes, owner.events]).toEqual(["abcd", 2, []]);
  });

  test("a drain event that comes to little pauses nobody before the end", () => {
    const { owner, outbox, socket } = setup(1);
    outbox.open(socket);
    outbox.write(bytes("ab"), true);
    outbox.writable();
    outbox.write(bytes("cd"), true);
    expect([socket.text, owner.events]).toEqual(["a", []]);
    endTurn();
    expect([socket.text, owner.events]).toEqual(["a", ["pause"]]);
    socket.room = 9;
    outbox.writable();
    expect([socket.text, owner.events]).toEqual(["abcd", ["pause", "resume"]]);
  });

  test("what the kernel refuses at the end survives the turn, and pauses the source once", () => {
    const { owner, outbox, socket } = setup(3);
    const other = setup();
    outbox.open(socket);
    other.outbox.open(other.socket);
    const kept = [keepForTurn(bytes("probe")), ...["hello", " and", " goodbye"].map(bytes)];
    for (const chunk of kept.slice(1)) outbox.write(chunk, true);
    for (const chunk of kept) chunk.fill(0);
    expect(owner.events).toEqual([]);
    endTurn();
    expect([socket.text, owner.events]).toEqual(["hel", ["pause"]]);
    other.outbox.write(new Uint8Array(100).fill(120), true);
    socket.room = 6;
    outbox.writable();
    expect([socket.text, owner.events]).toEqual(["hello and", ["pause"]]);
    socket.room = 100;
    outbox.writable();
    expect([socket.text, owner.events]).toEqual(["hello and goodbye", ["pause", "resume"]]);
  });
});

describe("an outbox that is discarded", () => {
  // biome-ignore format: one row a line
  const rows: [string, (world: ReturnType<typeof setup>) => void, string, string[]][] = [
    ["lets what waits for the end of the turn leave before", ({ outbox, socket }) => outbox.open(socket), "hello", []],
    ["drops of it what the kernel refuses", ({ outbox, socket }) => {
      socket.room = 3;
      outbox.open(socket);
    }, "hel", []],
    ["drops what the kernel has refused before", ({ outbox, socket }) => {
      socket.room = 0;
      outbox.open(socket);
      outbox.write(bytes("earlier"), false);
      endTurn();
      socket.room = 100;
    }, "", ["pause"]],
    ["says that the connection is dead if it finds out by that", ({ outbox, socket }) => {
      outbox.open(socket);
      socket.isDead = true;
    }, "", ["broken"]],
    ["drops everything if it never was open", () => {}, "", []],
  ];
  test.each(rows)("%s", (_, prepare, left, events) => {
    const world = setup();
    const { owner, outbox, socket } = world;
    prepare(world);
    outbox.write(bytes("hello"), true);
    outbox.discard();
    expect([socket.text, owner.events]).toEqual([left, events]);
    socket.room = 100;
    outbox.open(socket);
    expectDead(world, events);
    expect([socket.text, socket.events]).toEqual([left, []]);
  });

  test("does not say that it has sent everything", () => {
    const { outbox, socket } = setup();
    let sent = 0;
    outbox.open(socket);
    outbox.write(bytes("ab"), false);
    outbox.whenSent(() => sent++);
    outbox.discard();
    endTurn();
    expect([socket.text, sent]).toEqual(["ab", 0]);
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
  | { do: "open" | "turn" | "discard" };

const text = fc.oneof(
  { weight: 15, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(25).map((from) => ALPHABETS.slice(from, from + LARGE)) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("chunk" as const), text, transient: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("room" as const),
      bytes: fc.oneof(fc.nat(30), fc.constant(LARGE)),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "open" as const }) },
  { weight: 6, arbitrary: fc.constant({ do: "turn" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "discard" as const }) },
);

/** An outbox that is played with, and what must be true of it after each step. */
class Played {
  readonly owner = new FakeOwner();
  readonly outbox = new Outbox(this.owner);
  readonly socket = new FakeSocket(0);
  sent = "";
  isOpen = false;
  isDiscarded = false;
  /** Before that the source may go on though a little waits. */
  #isWrittenOpen = false;

  step(now: Step): void {
    if (now.do === "chunk") this.#write(now.text, now.transient);
    else if (now.do === "room") this.#drain(now.bytes);
    else if (now.do === "open") this.open();
    else if (now.do === "turn") this.endTurn();
    else this.#discard();
    expect(this.sent.startsWith(this.socket.text)).toBe(true);
    expect(this.socket.isShut && this.outbox.queuedBytes > 0).toBe(false);
    if (!this.isDiscarded) expect(this.outbox.queuedBytes).toBe(this.sent.length - this.socket.text.length);
  }

  #write(text: string, transient: boolean): void {
    const chunk = bytes(text);
    this.sent += text;
    this.#isWrittenOpen ||= this.isOpen && text !== "";
    this.outbox.write(chunk, transient);
    if (transient) chunk.fill(0);
  }

  #drain(room: number): void {
    this.socket.room += room;
    this.outbox.writable();
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.outbox.open(this.socket);
  }

  endTurn(): void {
    endTurn();
    if (!this.isOpen || this.isDiscarded) return;
    const waits = this.outbox.queuedBytes > 0;
    if (this.#isWrittenOpen || !waits) expect(this.outbox.isSourcePaused).toBe(waits);
    expect(waits && this.socket.room > 0).toBe(false);
  }

  /** What can leave has left before, and nothing does after it. */
  #discard(): void {
    this.outbox.discard();
    if (this.isOpen && !this.isDiscarded && this.socket.room > 0) expect(this.socket.text).toBe(this.sent);
    this.isDiscarded = true;
    this.sent = this.socket.text;
  }

  /** All that the socket did not take yet, it takes now. */
  finish(): void {
    this.endTurn();
    this.socket.room = Number.POSITIVE_INFINITY;
    this.open();
    this.outbox.end();
    this.outbox.writable();
    this.endTurn();
  }
}

test("any order of chunks, short writes, turns and opening delivers every byte in order, then the FIN", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, finAfter) => {
      const played = new Played();
      steps.forEach((now, index) => {
        if (index === finAfter) played.outbox.end();
        const isLate = index >= finAfter || played.isDiscarded;
        if (now.do !== "chunk" || !isLate) played.step(now);
      });
      played.finish();
      const { owner, socket, sent, isDiscarded } = played;
      expect(socket.text).toBe(sent);
      if (!isDiscarded) expect(socket.events).toEqual(["fin"]);
      const pauses = owner.events.filter((event) => event === "pause").length;
      const events = Array.from({ length: pauses * 2 }, (_, i) => (i % 2 ? "resume" : "pause"));
      expect(owner.events).toEqual(isDiscarded ? events.slice(0, owner.events.length) : events);
    }),
    { numRuns: 500 },
  );
});
