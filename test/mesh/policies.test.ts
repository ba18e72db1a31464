import { describe, expect, test } from "bun:test";
import { HeadEdit } from "../../src/http1/edit.ts";
import { Framing } from "../../src/http1/framing.ts";
import { MessageParser } from "../../src/http1/parser.ts";
import { Exchange, type Policy } from "../../src/mesh/exchange.ts";
import { ContextPolicy } from "../../src/mesh/policy/context.ts";
import { RequestIdPolicy } from "../../src/mesh/policy/request-id.ts";
import { SourcePolicy } from "../../src/mesh/policy/source.ts";
import type { Direction } from "../../src/proxy/handler.ts";
import { formatJaeger } from "../../src/trace/jaeger.ts";
import { createSampler } from "../../src/trace/sampler.ts";
import { ContextStore } from "../../src/trace/store.ts";
import { connInfo } from "./conversation.ts";

interface Applied {
  readonly fields: string;
  readonly exchange: Exchange;
}

/** Applies one policy to a request with these field lines; what the lines are afterwards. */
function apply(policy: Policy, lines: string, prepare: (exchange: Exchange) => void = () => {}): Applied {
  const edit = new HeadEdit();
  const out = Buffer.alloc(4096);
  let fields = "";
  const exchange = new Exchange(connInfo(direction));
  exchange.begin();
  prepare(exchange);
  const parser = new MessageParser("request", {
    begin: () => null,
    head: (head) => {
      edit.begin(head);
      policy.apply(exchange, head, edit);
      fields = out.toString("latin1", 0, edit.render(out, 0)).slice("GET / HTTP/1.1\r\n".length, -2);
      return Framing.None;
    },
    wire: () => {},
    end: () => {},
    opaque: (reason) => {
      throw new Error(reason);
    },
  });
  parser.push(Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`, "latin1"));
  return { fields, exchange };
}

let direction: Direction = "inbound";
function going(to: Direction): void {
  direction = to;
}

describe("request id", () => {
  const policy = new RequestIdPolicy("X-Request-Id", () => "NEW");
  // biome-ignore format: one row a line
  const rows: [label: string, before: string, after: string, id: string][] = [
    ["absent: appended", "A: b\r\n", "A: b\r\nX-Request-Id: NEW\r\n", "NEW"],
    ["empty: filled in", "X-Request-Id:\r\nA: b\r\n", "X-Request-Id:NEW\r\nA: b\r\n", "NEW"],
    ["present: kept, whatever its case", "x-request-ID:  abc \r\n", "x-request-ID:  abc \r\n", "abc"],
    ["several: the first counts, none changes", "X-Request-Id: a\r\nX-Request-Id: b\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n", "a"],
  ];
  for (const [label, before, after, id] of rows) {
    test(label, () => {
      const { fields, exchange } = apply(policy, before);
      expect(fields).toBe(after);
      expect(exchange.requestId).toBe(id);
    });
  }

  test("a generated id is a UUID version 4", () => {
    const { exchange } = apply(new RequestIdPolicy("X-Request-Id"), "");
    expect(exchange.requestId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("source", () => {
  const policy = new SourcePolicy("X-Source", "me");
  // biome-ignore format: one row a line
  const rows: [label: string, to: Direction, before: string, after: string][] = [
    ["outbound, absent: appended", "outbound", "A: b\r\n", "A: b\r\nX-Source: me\r\n"],
    ["outbound, present: replaced", "outbound", "x-source: you\r\nA: b\r\n", "x-source: me\r\nA: b\r\n"],
    ["outbound, several: one is left", "outbound", "X-Source: a\r\nA: b\r\nX-Source: c\r\n", "X-Source: me\r\nA: b\r\n"],
    ["inbound: untouched", "inbound", "X-Source: you\r\n", "X-Source: you\r\n"],
  ];
  for (const [label, to, before, after] of rows) {
    test(label, () => {
      going(to);
      expect(apply(policy, before).fields).toBe(after);
    });
  }
});

describe("context", () => {
  /** Ids 1, 2, 3, ... and a decision that can be set. */
  function tracing(sampled = true) {
    let word = 0;
    const store = new ContextStore({ expirationMs: 0, sweepIntervalMs: 1000, maxEntries: 100 });
    const sampler = createSampler({ type: "const", param: sampled ? 1 : 0 });
    return { store, policy: new ContextPolicy({ store, sampler, ids: { word: () => ++word }, wide: false }) };
  }
  const withId = (exchange: Exchange) => {
    exchange.requestId = "r1";
  };
  const ROOT = "0000000100000002:0000000100000002:0000000000000000";

  test("without one a new trace begins, with the sampler's decision", () => {
    going("inbound");
    expect(apply(tracing().policy, "").fields).toBe(`uber-trace-id: ${ROOT}:1\r\n`);
    expect(apply(tracing(false).policy, "").fields).toBe(`uber-trace-id: ${ROOT}:0\r\n`);
  });

  test("the child of a received one takes its place, and only one is left", () => {
    going("inbound");
    const { fields, exchange } = apply(
      tracing(false).policy,
      "Uber-Trace-Id: zz\r\nA: b\r\nuber-trace-id: abc:def:0:1\r\nuber-trace-id: 1:2:3:1\r\n",
    );
    expect(fields).toBe("Uber-Trace-Id: 0000000000000abc:0000000100000002:0000000000000def:1\r\nA: b\r\n");
    expect(exchange.hasParent).toBe(true);
    expect(formatJaeger(exchange.parent)).toBe("0000000000000abc:0000000000000def:0000000000000000:1");
  });

  test("an outbound request continues the inbound one with its request id", () => {
    const { policy } = tracing();
    going("inbound");
    const inbound = apply(policy, "", withId).exchange;
    going("outbound");
    const outbound = apply(policy, "", withId).exchange;
    expect(outbound.hasParent).toBe(true);
    expect(formatJaeger(outbound.parent)).toBe(formatJaeger(inbound.context));
    const other = apply(policy, "", (exchange) => {
      exchange.requestId = "r2";
    }).exchange;
    expect(other.hasParent).toBe(false);
  });

  test("an outbound request's own context wins over the request id", () => {
    const { policy } = tracing();
    going("inbound");
    apply(policy, "", withId);
    going("outbound");
    expect(apply(policy, "uber-trace-id: a:b:0:1\r\n", withId).fields).toContain("000000000000000a:");
  });

  test("an inbound request never takes its parent from the store", () => {
    const { policy } = tracing();
    going("inbound");
    apply(policy, "", withId);
    expect(apply(policy, "", withId).exchange.hasParent).toBe(false);
  });

  test("an ignored path leaves a received context alone and hands on a remembered one", () => {
    const { policy, store } = tracing();
    going("inbound");
    const inbound = apply(policy, "", withId).exchange;
    const ignored = (exchange: Exchange) => {
      withId(exchange);
      exchange.ignored = true;
    };
    expect(apply(policy, "uber-trace-id: a:b:0:1\r\n", ignored).fields).toBe("uber-trace-id: a:b:0:1\r\n");
    going("outbound");
    const { fields, exchange } = apply(policy, "", ignored);
    expect(fields).toBe(`uber-trace-id: ${formatJaeger(inbound.context)}\r\n`);
    expect(exchange.traced).toBe(false);
    expect(store.size).toBe(1);
  });

  test("a debug id forces a trace, but not over a context", () => {
    going("inbound");
    const forced = apply(tracing(false).policy, "jaeger-debug-id: why\r\n");
    expect(forced.fields).toBe(`jaeger-debug-id: why\r\nuber-trace-id: ${ROOT}:3\r\n`);
    expect(forced.exchange.debugId).toBe("why");
    const context = apply(tracing(false).policy, "jaeger-debug-id: why\r\nuber-trace-id: a:b:0:0\r\n");
    expect(context.exchange.context.flags).toBe(0);
  });

  test("a huge request id is passed on but not remembered", () => {
    const { policy, store } = tracing();
    going("inbound");
    apply(policy, "", (exchange) => {
      exchange.requestId = "x".repeat(257);
    });
    expect(store.size).toBe(0);
  });
});
