import { expect, test } from "bun:test";
import { Access } from "../src/access.ts";
import { commonFormat } from "../src/mesh/access-log/common.ts";
import { jsonFormat } from "../src/mesh/access-log/json.ts";
import { MemoryLog } from "./fakes/log.ts";
import { Conversation } from "./mesh/conversation.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Takes nothing until it is told to. */
class Stdout {
  opened = 0;
  text = "";
  readonly #read = Promise.withResolvers<void>();
  readonly open = () => {
    this.opened++;
    return { write: (bytes: Uint8Array) => this.#take(bytes), flush: () => this.#read.promise };
  };
  read(): void {
    this.#read.resolve();
  }
  #take(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString();
  }
}

test("nothing is opened while it is off", async () => {
  const stdout = new Stdout();
  const access = new Access(new MemoryLog(), stdout.open);
  expect([await access.observer("off"), stdout.opened, access.dropped]).toEqual([null, 0, 0]);
});

test("forms may follow each other on one stream", async () => {
  const stdout = new Stdout();
  const access = new Access(new MemoryLog(), stdout.open);
  expect((await access.observer("json"))?.format).toBe(jsonFormat);
  expect(await access.observer("off")).toBeNull();
  expect((await access.observer("common"))?.format).toBe(commonFormat);
  expect(stdout.opened).toBe(1);
});

test("a stream that nobody reads costs lines, which are counted and said, and holds up the end no longer than allowed", async () => {
  const stdout = new Stdout();
  const log = new MemoryLog();
  const access = new Access(log, stdout.open);
  const conversation = new Conversation({ observers: [(await access.observer("json"))!] });
  const path = "a".repeat(1000);
  for (let i = 0; i < 2000; i++) conversation.client(`GET /${path} HTTP/1.1\r\n\r\n`).upstream(OK);
  expect(access.dropped).toBeGreaterThan(100);
  await access.close(1);
  stdout.read();
  await access.close(10_000);
  expect(stdout.text.split("\n").length - 1).toBe(2000 - access.dropped);
  expect(log.lines).toEqual([expect.stringMatching(/^warn: \d+ lines of the access log are lost/)]);
});

test("lines of other event loops go the same way, and are counted as lines if they are lost", async () => {
  const stdout = new Stdout();
  const access = new Access(new MemoryLog(), stdout.open);
  access.take(Buffer.from("one\ntwo\n"));
  await access.observer("json");
  expect([stdout.opened, stdout.text]).toEqual([1, "one\ntwo\n"]);
  access.take(Buffer.from("line\n".repeat(300_000)));
  expect(access.dropped).toBe(300_000);
});
