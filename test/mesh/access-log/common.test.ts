import { expect, test } from "bun:test";
import { commonFormat } from "../../../src/mesh/access-log/common.ts";
import type { Conversation } from "../conversation.ts";
import { linesOf } from "./lines.ts";

function lineOf(request: string, response: string): string {
  const play = (c: Conversation) => void c.client(request).upstream(response).closed("ended");
  const [line, ...more] = linesOf(commonFormat, play);
  expect(more).toEqual([]);
  return line!;
}

const AT = "198.18.0.2 - - [02/Jan/2026:03:04:05 +0000]";

test.each([
  [
    "a response",
    "GET /a?b HTTP/1.1\r\n\r\n",
    "HTTP/1.1 404 X\r\nContent-Length: 2\r\n\r\nno",
    '"GET /a?b HTTP/1.1" 404 2',
  ],
  ["one without a body", "PUT / HTTP/1.0\r\n\r\n", "HTTP/1.1 204 X\r\n\r\n", '"PUT / HTTP/1.0" 204 -'],
  ["one of unknown size", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 X\r\n\r\nall", '"GET / HTTP/1.1" 200 -'],
  ["no response", "GET / HTTP/1.1\r\n\r\n", "", '"GET / HTTP/1.1" - -'],
])("%s", (_, request, response, line) => {
  expect(lineOf(request, response)).toBe(`${AT} ${line}`);
});

test("a target that would end the quotes or speak to a terminal is escaped", () => {
  const line = lineOf('GET /"\\\xc3\xa9\xff HTTP/1.1\r\n\r\n', "");
  expect(line).toBe(`${AT} "GET /\\"\\\\\\xc3\\xa9\\xff HTTP/1.1" - -`);
});

test("a long target is cut", () => {
  expect(lineOf(`GET /${"a".repeat(9000)} HTTP/1.1\r\n\r\n`, "").length).toBeLessThan(1200);
});
