import { expect, test } from "bun:test";
import { AccessLog } from "../../../src/mesh/access-log/access-log.ts";
import { commonFormat } from "../../../src/mesh/access-log/common.ts";
import { jsonFormat } from "../../../src/mesh/access-log/json.ts";
import { Conversation } from "../conversation.ts";

const REQUEST = "GET / HTTP/1.1\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class Pages {
  readonly all: { text: string; lines: number }[] = [];
  readonly log = new AccessLog(jsonFormat, (page, lines) => {
    this.all.push({ text: Buffer.from(page).toString(), lines });
  });
  readonly conversation = new Conversation({ observers: [this.log] });

  play(times: number): void {
    for (let i = 0; i < times; i++) this.conversation.client(REQUEST).upstream(OK);
  }
}

test("lines leave together soon, without being asked", async () => {
  const pages = new Pages();
  pages.play(3);
  expect(pages.all).toEqual([]);
  while (pages.all.length === 0) await Bun.sleep(5);
  expect(pages.all.map(({ lines }) => lines)).toEqual([3]);
});

test("a full page leaves at once, and none holds a part of a line", () => {
  const pages = new Pages();
  pages.play(1000);
  expect(pages.all.length).toBeGreaterThan(1);
  pages.log.flush();
  for (const { text, lines } of pages.all) {
    expect(text.length).toBeLessThanOrEqual(64 * 1024);
    expect(text.split("\n").length - 1).toBe(lines);
    for (const line of text.trimEnd().split("\n")) expect(JSON.parse(line)).toMatchObject({ status: 200 });
  }
  expect(pages.all.reduce((sum, { lines }) => sum + lines, 0)).toBe(1000);
});

test("a page that has left does not change any more", () => {
  const kept: Uint8Array[] = [];
  const log = new AccessLog(commonFormat, (page) => void kept.push(page));
  const conversation = new Conversation({ observers: [log] });
  for (const path of ["/one", "/two"]) {
    conversation.client(`GET ${path} HTTP/1.1\r\n\r\n`).upstream(OK);
    log.flush();
  }
  expect(kept.map((page) => /\/\w+(?= HTTP)/.exec(Buffer.from(page).toString())![0])).toEqual([
    "/one",
    "/two",
  ]);
});

test("another form holds for the requests that follow", () => {
  const pages = new Pages();
  pages.conversation.client(REQUEST);
  pages.log.format = commonFormat;
  pages.conversation.client(REQUEST).upstream(OK + OK);
  pages.log.flush();
  const [first, second] = pages.all[0]!.text.split("\n");
  expect([first![0], second!.startsWith("198.18.0.2 - - [")]).toEqual(["{", true]);
});

test("an exchange whose request it did not see has no line", () => {
  const pages = new Pages();
  const observers: AccessLog[] = [];
  const conversation = new Conversation({ observers });
  conversation.client(REQUEST);
  observers.push(pages.log);
  conversation.upstream(OK);
  pages.log.flush();
  expect(pages.all).toEqual([]);
});
