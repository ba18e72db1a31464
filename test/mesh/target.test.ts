import { describe, expect, test } from "bun:test";
import { Framing } from "../../src/http1/framing.ts";
import { latin1 } from "../../src/http1/head.ts";
import { MessageParser } from "../../src/http1/parser.ts";
import { eachCookie } from "../../src/mesh/cookie.ts";
import { Exchange } from "../../src/mesh/exchange.ts";
import { ignoredPaths } from "../../src/mesh/ignored-paths.ts";
import { percentDecode } from "../../src/mesh/target.ts";
import { connInfo } from "./conversation.ts";

/** `host path` of a request line and Host field, and whether its path is among `ignored`. */
function read(method: string, target: string, ignored: string[] = []): { text: string; ignored: boolean } {
  const exchange = new Exchange(connInfo());
  const result = { text: "", ignored: false };
  const parser = new MessageParser("request", {
    begin: () => null,
    head: (head) => {
      exchange.target.read(head, method === "CONNECT");
      const { hostStart, hostEnd, pathStart, pathEnd } = exchange.target;
      result.text = `${latin1(head.buf, hostStart, hostEnd)} ${latin1(head.buf, pathStart, pathEnd)}`;
      result.ignored = ignoredPaths(new Set(ignored))(exchange, head);
      return Framing.None;
    },
    wire: () => {},
    end: () => {},
    opaque: () => {},
  });
  parser.push(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: field\r\n\r\n`));
  return result;
}

describe("host and path of a target", () => {
  const rows: [string, string, string][] = [
    ["GET", "/", "field /"],
    ["GET", "/a/b?c=d?e", "field /a/b"],
    ["GET", "//x//y", "field //x//y"],
    ["GET", "/a:b//c", "field /a:b//c"],
    ["GET", "http://h:80/p?q", "h:80 /p"],
    ["GET", "http://user:pass@w@h:80/a@b", "h:80 /a@b"],
    ["GET", "http://h?q", "h "],
    ["GET", "http://h", "h "],
    ["OPTIONS", "*", "field *"],
    ["CONNECT", "h:443", "h:443 "],
    ["GET", "odd", "field odd"],
    ["GET", "a:b", "field a:b"],
  ];
  for (const [method, target, expected] of rows) {
    test(`${method} ${target}`, () => expect(read(method, target).text).toBe(expected));
  }
});

test("percent signs are decoded where two digits follow", () => {
  const input = Buffer.from("/a%2Fb%c3%A9%zz%4");
  const out = Buffer.alloc(input.length);
  expect(out.toString("utf8", 0, percentDecode(input, 0, input.length, out))).toBe("/a/bé%zz%4");
});

test("ignored paths compare the decoded path, exactly", () => {
  const paths = ["/health", "/é"];
  const rows: [string, boolean][] = [
    ["/health", true],
    ["/health?x", true],
    ["/h%65alth", true],
    ["/%C3%A9", true],
    ["/health/", false],
    ["/Health", false],
    [`/${"x".repeat(500)}`, false],
  ];
  for (const [target, expected] of rows) expect(read("GET", target, paths).ignored).toBe(expected);
  expect(read("GET", "/health").ignored).toBe(false);
});

test("cookies come in order, without their quotes", () => {
  const seen: string[] = [];
  eachCookie('a=1; b="two" ;c; =d;e==f;', (name, value) => seen.push(`${name}|${value}`));
  expect(seen).toEqual(["a|1", "b|two", "|d", "e|=f"]);
});
