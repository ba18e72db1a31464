import { expect, test } from "bun:test";
import { FileWatcher } from "../../src/config/file-watcher.ts";

/** A file in the test's hands, and a watcher whose looks the test calls for. */
class Watched {
  content: string | null = "a";
  stamp = "1";
  reads = 0;
  readonly seen: string[] = [];
  #look = () => {};

  constructor() {
    const watcher = new FileWatcher({
      file: {
        stamp: async () => {
          if (this.content === null) throw new Error("it is gone");
          return this.stamp;
        },
        read: async () => {
          this.reads++;
          return this.content!;
        },
      },
      text: "a",
      later: (look) => {
        this.#look = look;
      },
      changed: async (text) => {
        this.seen.push(text);
        if (text === "bug") throw new Error("not our day");
      },
      failed: (why) => this.seen.push(`failed: ${why}`),
    });
    watcher.start();
  }

  /** One look at the file as it is now, to its end. */
  async look(content: string | null, stamp: string): Promise<void> {
    this.content = content;
    this.stamp = stamp;
    const before = this.#look;
    this.#look();
    while (this.#look === before) await Bun.sleep(0);
  }
}

test("a new text is told once, the text that was known at first not at all", async () => {
  const watched = new Watched();
  for (const [content, stamp] of [
    ["a", "1"],
    ["b", "2"],
    ["b", "2"],
    ["a", "3"],
  ] as const) {
    await watched.look(content, stamp);
  }
  expect(watched.seen).toEqual(["b", "a"]);
});

test("a file whose stamp stays is not read again, and the same text under another stamp is no news", async () => {
  const watched = new Watched();
  await watched.look("a", "1");
  await watched.look("a", "1");
  expect(watched.reads).toBe(1);
  await watched.look("a", "2");
  expect([watched.reads, watched.seen]).toEqual([2, []]);
});

test("a file that cannot be read is told once, and looked at until it is there again", async () => {
  const watched = new Watched();
  for (const [content, stamp] of [
    [null, "1"],
    [null, "1"],
    ["a", "1"],
    [null, "1"],
    ["b", "1"],
  ] as const) {
    await watched.look(content, stamp);
  }
  expect(watched.seen).toEqual(["failed: it is gone", "failed: it is gone", "b"]);
});

test("whoever is told may fail without an end to the looking", async () => {
  const watched = new Watched();
  await watched.look("bug", "2");
  await watched.look("c", "3");
  expect(watched.seen).toEqual(["bug", "failed: not our day", "c"]);
});
