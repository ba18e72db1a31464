import { expect, test } from "bun:test";
import type { Exchange, Policy } from "../../src/mesh/exchange.ts";
import { ignoredPaths } from "../../src/mesh/ignored-paths.ts";
import { Conversation } from "./conversation.ts";

/** As 0.10 compares: Go's decoded `URL.Path`, without query, whole and with its case. */
function isIgnored(paths: readonly string[], target: string): boolean {
  const test = ignoredPaths(new Set(paths));
  let ignored = false;
  const ask: Policy = {
    apply(exchange: Exchange, head) {
      ignored = test(exchange, head);
    },
  };
  new Conversation({ policies: [ask] }).client(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  return ignored;
}

test.each([
  ["the path itself", ["/health"], "/health"],
  ["one of several", ["/ready", "/health"], "/health"],
  ["with a query", ["/health"], "/health?full=1"],
  ["with an empty query", ["/health"], "/health?"],
  ["in a whole URL", ["/health"], "http://shop/health?a"],
  ["percent-encoded", ["/health"], "/%68ealth"],
  ["percent-encoded UTF-8", ["/café"], "/caf%C3%A9"],
  ["whose slash is encoded", ["/a/b"], "/a%2Fb"],
  ["the root", ["/"], "/"],
])("ignored is a request for %s", (_, paths, target) => {
  expect(isIgnored(paths, target)).toBe(true);
});

test.each([
  ["a longer path", ["/health"], "/healthy"],
  ["a path below", ["/health"], "/health/live"],
  ["a slash more", ["/health"], "/health/"],
  ["another case", ["/health"], "/Health"],
  ["a pattern's match", ["/he*"], "/health"],
  ["the path in the query", ["/health"], "/?/health"],
  ["an encoded question mark", ["/health"], "/health%3Fa"],
  ["something very long", ["/health"], `/${"%41".repeat(5000)}`],
  ["anything, where nothing is listed", [], "/health"],
])("not ignored is a request for %s", (_, paths, target) => {
  expect(isIgnored(paths, target)).toBe(false);
});
