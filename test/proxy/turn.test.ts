import { beforeEach, describe, expect, test } from "bun:test";
import { Outbox } from "../../src/proxy/outbox.ts";
import {
  departLater,
  departsAtOnce,
  doAfterTurn,
  endTurn,
  keepForTurn,
  relieveTurn,
} from "../../src/proxy/turn.ts";
import { FakeSocket } from "../fakes/socket.ts";
import { CROWD, haveBusyTurn, haveQuietTurn, nextTurn } from "../fakes/turn.ts";

const MEMORY_BYTES = 256 * 1024;
const CHUNK_BYTES = 16 * 1024;

beforeEach(haveBusyTurn);

/** `leaver("a")` notes that it left; `worker("a")` that its work was done. */
function setup() {
  const log: string[] = [];
  const leaver = (name: string, then = () => {}) => ({
    depart: () => {
      log.push(name);
      then();
    },
    failed: (error: unknown) => void log.push(`${name} failed: ${(error as Error).message}`),
  });
  const worker = (name: string, then = () => {}) => ({
    afterTurn: () => {
      log.push(`work ${name}`);
      then();
    },
  });
  return { log, leaver, worker };
}

function failing(message: string): () => void {
  return () => {
    throw new Error(message);
  };
}

describe("at the end of a turn", () => {
  test("everything leaves, in order, and nobody twice", async () => {
    const { log, leaver } = setup();
    for (const name of ["a", "b", "c"]) departLater(leaver(name));
    await Promise.resolve();
    expect(log).toEqual([]);
    await nextTurn();
    await nextTurn();
    expect(log).toEqual(["a", "b", "c"]);
  });

  test("work is done when all has left, that of others too", async () => {
    const { log, leaver, worker } = setup();
    departLater(leaver("a"));
    doAfterTurn(worker("a"));
    departLater(leaver("b"));
    doAfterTurn(worker("b"));
    await nextTurn();
    expect(log).toEqual(["a", "b", "work a", "work b"]);
  });

  test("work is done where nothing leaves", async () => {
    const { log, worker } = setup();
    doAfterTurn(worker("a"));
    expect(log).toEqual([]);
    await nextTurn();
    expect(log).toEqual(["work a"]);
  });

  test("what is written while others leave leaves with them, and before work", async () => {
    const { log, leaver, worker } = setup();
    departLater(leaver("a", () => departLater(leaver("c"))));
    departLater(leaver("b"));
    doAfterTurn(worker("a"));
    await nextTurn();
    expect(log).toEqual(["a", "b", "c", "work a"]);
  });

  test("what work writes leaves in the next turn", async () => {
    const { log, leaver, worker } = setup();
    departLater(leaver("a"));
    doAfterTurn(worker("a", () => departLater(leaver("b"))));
    doAfterTurn(worker("c"));
    await nextTurn();
    expect(log).toEqual(["a", "work a", "work c"]);
    await nextTurn();
    expect(log).toEqual(["a", "work a", "work c", "b"]);
  });

  test("bytes of several sockets leave each in their order", async () => {
    const sockets = [new FakeSocket(), new FakeSocket()];
    const outboxes = sockets.map((socket) => opened(socket));
    for (const text of "abcdef")
      outboxes.forEach((outbox, i) => void outbox.write(Buffer.from(text + i), false));
    expect(sockets.map(({ text }) => text)).toEqual(["", ""]);
    await nextTurn();
    expect(sockets.map(({ text }) => text)).toEqual(["a0b0c0d0e0f0", "a1b1c1d1e1f1"]);
  });
});

describe("between two events", () => {
  const crowd = Array.from({ length: CROWD }, (_, i) => `${i}`);

  test("a crowd leaves, and its work is done; those who come later wait", async () => {
    const { log, leaver, worker } = setup();
    doAfterTurn(worker("a"));
    for (const name of crowd) departLater(leaver(name));
    relieveTurn();
    expect(log).toEqual([...crowd, "work a"]);
    departLater(leaver("late"));
    relieveTurn();
    expect(log.slice(CROWD + 1)).toEqual([]);
    await nextTurn();
    expect(log.slice(CROWD + 1)).toEqual(["late"]);
  });

  test("much work is a crowd too", () => {
    const { log, worker } = setup();
    for (const name of crowd) doAfterTurn(worker(name));
    relieveTurn();
    expect(log.length).toBe(CROWD);
  });

  test("fewer wait for the end of the turn", () => {
    const { log, leaver, worker } = setup();
    for (const name of crowd.slice(1)) {
      departLater(leaver(name));
      doAfterTurn(worker(name));
    }
    relieveTurn();
    expect(log).toEqual([]);
    endTurn();
    expect(log.length).toBe(2 * (CROWD - 1));
  });

  test("what has left was there all the same: the turn is no quiet one", async () => {
    await haveQuietTurn();
    const { leaver } = setup();
    for (const name of crowd) departLater(leaver(name));
    relieveTurn();
    expect(departsAtOnce()).toBe(false);
    departLater(leaver("late"));
    await nextTurn();
    expect(departsAtOnce()).toBe(false);
  });

  test("the memory of what has left is free for others", () => {
    const bytes = Buffer.alloc(100);
    const first = keepForTurn(bytes);
    const { leaver } = setup();
    for (const name of crowd) departLater(leaver(name));
    relieveTurn();
    expect(keepForTurn(bytes).byteOffset).toBe(first.byteOffset);
  });

  test("work that throws is heard of by the process, and does not cost the event anything", () => {
    const script = `
      import { doAfterTurn, relieveTurn } from "${import.meta.dir}/../../src/proxy/turn.ts";
      const heard = [];
      process.on("uncaughtException", ({ message }) => heard.push(message));
      doAfterTurn({ afterTurn() { throw new Error("a bug"); } });
      for (let i = 0; i < ${CROWD}; i++) doAfterTurn({ afterTurn: () => heard.push(i) });
      relieveTurn();
      console.log(heard.length);
      setImmediate(() => setImmediate(() => console.log(heard.length, heard.includes("a bug"))));`;
    const { stdout, exitCode } = Bun.spawnSync([process.execPath, "-e", script]);
    expect([stdout.toString(), exitCode]).toEqual([`0\n${CROWD + 1} true\n`, 0]);
  });
});

describe("one that throws at the end of a turn", () => {
  test("hears of it if it was to leave, and costs the others nothing", async () => {
    const { log, leaver, worker } = setup();
    departLater(leaver("a"));
    doAfterTurn(worker("a"));
    departLater(leaver("bad", failing("a bug")));
    departLater(leaver("b"));
    await nextTurn();
    expect(log).toEqual(["a", "bad", "bad failed: a bug", "b", "work a"]);
  });

  test("is heard of if it was to work, and costs the others nothing but time", async () => {
    const { log, leaver, worker } = setup();
    departLater(leaver("a"));
    doAfterTurn(worker("a"));
    doAfterTurn(worker("bad", failing("a bug")));
    doAfterTurn(worker("b"));
    expect(endTurn).toThrow("a bug");
    departLater(leaver("c"));
    await nextTurn();
    expect(log).toEqual(["a", "work a", "work bad", "c", "work b"]);
  });

  test("and was the last does not keep the next turn from being quiet", () => {
    const { leaver, worker } = setup();
    departLater(leaver("a"));
    doAfterTurn(worker("bad", failing("a bug")));
    expect(endTurn).toThrow("a bug");
    expect(departsAtOnce()).toBe(true);
  });

  test("reaches the process's own handler", async () => {
    const script = `
      import { doAfterTurn } from "${import.meta.dir}/../../src/proxy/turn.ts";
      const heard = [];
      process.on("uncaughtException", ({ message }) => heard.push(message));
      const bad = (message) => () => { throw new Error(message); };
      doAfterTurn({ afterTurn: bad("first") });
      doAfterTurn({ afterTurn: bad("second") });
      doAfterTurn({ afterTurn: () => console.log(heard.join()) });`;
    const { stdout, exitCode } = Bun.spawnSync([process.execPath, "-e", script]);
    expect([stdout.toString(), exitCode]).toEqual(["first,second\n", 0]);
  });
});

describe("bytes that are kept for the turn", () => {
  test("last until its end, and the next has their memory", () => {
    const scratch = Buffer.from("first");
    const first = keepForTurn(scratch);
    scratch.write("other");
    const second = keepForTurn(scratch);
    expect([text(first), text(second)]).toEqual(["first", "other"]);
    endTurn();
    const next = keepForTurn(Buffer.from("third"));
    expect([next.buffer === first.buffer, next.byteOffset]).toEqual([true, first.byteOffset]);
  });

  test("keep their memory while one that threw holds others up", () => {
    const { worker } = setup();
    const kept: string[] = [];
    doAfterTurn(worker("bad", failing("a bug")));
    const bytes = keepForTurn(Buffer.from("mine"));
    doAfterTurn(worker("late", () => kept.push(text(bytes))));
    expect(endTurn).toThrow("a bug");
    keepForTurn(Buffer.from("not mine"));
    endTurn();
    expect(kept).toEqual(["mine"]);
  });

  test("have memory of their own when the turn has used up what is shared", () => {
    const scratch = Buffer.alloc(CHUNK_BYTES);
    const chunks = Array.from({ length: MEMORY_BYTES / CHUNK_BYTES + 4 }, (_, i) =>
      keepForTurn(scratch.fill(i)),
    );
    const shared = chunks.filter(({ buffer }) => buffer === chunks[0]!.buffer);
    expect(shared.length).toBe(MEMORY_BYTES / CHUNK_BYTES);
    chunks.forEach((chunk, i) => void expect(chunk.every((byte) => byte === i)).toBe(true));
  });

  test("are mixed up with no others, however many sockets are written in a turn", () => {
    const scratch = Buffer.alloc(1000);
    const sockets = Array.from({ length: 60 }, () => new FakeSocket());
    const outboxes = sockets.map((socket) => opened(socket));
    for (let turn = 0; turn < 2; turn++) {
      for (let round = 0; round < 8; round++) {
        outboxes.forEach(
          (outbox, i) => void outbox.write(scratch.fill(65 + ((i + round + turn) % 26)), true),
        );
      }
      endTurn();
      sockets.forEach((socket, i) => {
        const letters = Array.from({ length: 8 }, (_, round) => letter(i + round + turn).repeat(1000));
        expect(socket.text.slice(turn * 8000)).toBe(letters.join(""));
      });
    }
  });
});

describe("after a quiet turn", () => {
  beforeEach(haveQuietTurn);

  function write(...texts: string[]): FakeSocket[] {
    return texts.map((text) => {
      const socket = new FakeSocket();
      opened(socket).write(Buffer.from(text), true);
      return socket;
    });
  }

  test("the first bytes depart at once, those of others at the end", async () => {
    const sockets = write("a", "b", "c");
    expect(sockets.map(({ text }) => text)).toEqual(["a", "", ""]);
    await nextTurn();
    expect(sockets.map(({ text }) => text)).toEqual(["a", "b", "c"]);
  });

  test("more bytes for the same socket follow at the end", () => {
    const socket = new FakeSocket();
    const outbox = opened(socket);
    for (const text of "abc") outbox.write(Buffer.from(text), true);
    expect(socket.text).toBe("a");
    endTurn();
    expect([socket.text, socket.writes]).toEqual(["abc", 3]);
  });

  test.each([
    ["one that departs at the end", () => void departLater({ depart() {}, failed() {} }), ""],
    ["work after the turn", () => void doAfterTurn({ afterTurn() {} }), "a"],
  ])("%s was there first", (_, before, text) => {
    before();
    expect(write("a")[0]!.text).toBe(text);
  });

  test("turns stay quiet as long as one departs in each", async () => {
    for (const text of "abc") {
      expect(write(text)[0]!.text).toBe(text);
      await nextTurn();
    }
  });

  test("a turn in which two departed is not quiet", async () => {
    write("a", "b");
    await nextTurn();
    expect(write("c")[0]!.text).toBe("");
    await nextTurn();
    expect(write("d")[0]!.text).toBe("d");
  });
});

function opened(socket: FakeSocket): Outbox {
  const nothing = () => {};
  const outbox = new Outbox({
    pauseSource: nothing,
    resumeSource: nothing,
    firstDeparts: nothing,
    lastDeparts: nothing,
    broken: nothing,
    failed: nothing,
  });
  outbox.open(socket);
  return outbox;
}

function letter(n: number): string {
  return String.fromCharCode(65 + (n % 26));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
