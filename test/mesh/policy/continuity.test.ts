import { describe, expect, test } from "bun:test";
import type { Exchange } from "../../../src/mesh/exchange.ts";
import { formatJaeger } from "../../../src/trace/jaeger.ts";
import { apply, type Request } from "./apply.ts";
import { tracing } from "./tracing.ts";

function pod(infer = false) {
  const { policy, store, time } = tracing({ infer });
  return {
    time,
    store,
    arrive: (request: Request = {}): Exchange => apply(policy, request).exchange,
    end: (exchange: Exchange) => policy.ended(exchange),
    leave: (request: Request = {}): Exchange => apply(policy, { ...request, direction: "outbound" }).exchange,
  };
}

function expectChild(child: Exchange, parent: Exchange, source: string): void {
  expect(child.hasParent && formatJaeger(child.parent)).toBe(formatJaeger(parent.context));
  expect(child.parentSource).toBe(source as never);
}

describe("by its request id an outbound request finds", () => {
  test("the inbound one in flight, however long that takes", () => {
    const { time, arrive, leave } = pod();
    const server = arrive({ requestId: "r" });
    time.advance(3_600_000);
    expectChild(leave({ requestId: "r" }), server, "request_id");
  });

  test("the one that has ended, for the expiry after its end", () => {
    const { time, arrive, end, leave } = pod();
    const server = arrive({ requestId: "r" });
    time.advance(60_000);
    end(server);
    time.advance(4999);
    expectChild(leave({ requestId: "r" }), server, "request_id");
    time.advance(1);
    expect(leave({ requestId: "r" }).hasParent).toBe(false);
  });

  test("not another one", () => {
    const { arrive, leave } = pod();
    arrive({ requestId: "r" });
    const stranger = leave({ requestId: "s" });
    expect([stranger.hasParent, stranger.parentSource]).toEqual([false, "none"]);
  });

  test("but its own context counts first", () => {
    const { arrive, leave } = pod();
    arrive({ requestId: "r" });
    const own = leave({ requestId: "r", lines: "uber-trace-id: a:b:0:1\r\n" });
    expect([formatJaeger(own.parent).slice(0, 16), own.parentSource]).toEqual(["000000000000000a", "uber"]);
  });

  test("the youngest of several in flight, and again the older one when that has ended", () => {
    const { time, arrive, end, leave } = pod();
    const [first, second, third] = [1, 2, 3].map(() => arrive({ requestId: "r" })) as [
      Exchange,
      Exchange,
      Exchange,
    ];
    expectChild(leave({ requestId: "r" }), third, "request_id");
    end(second);
    expectChild(leave({ requestId: "r" }), third, "request_id");
    end(third);
    expectChild(leave({ requestId: "r" }), first, "request_id");
    end(first);
    expectChild(leave({ requestId: "r" }), first, "request_id");
    time.advance(5000);
    expect(leave({ requestId: "r" }).hasParent).toBe(false);
  });

  test("nothing for an inbound request, which has its parent elsewhere", () => {
    const { arrive } = pod();
    arrive({ requestId: "r" });
    expect(arrive({ requestId: "r" }).hasParent).toBe(false);
  });

  test("nothing under an id that is too long to be remembered", () => {
    const { arrive, end, leave, store } = pod();
    const requestId = "x".repeat(257);
    end(arrive({ requestId }));
    expect([leave({ requestId }).hasParent, store.size]).toEqual([false, 0]);
  });

  test("nothing of an ignored path", () => {
    const { arrive, end, leave, store } = pod();
    const ignored = arrive({ requestId: "r", ignored: true });
    expect(leave({ requestId: "r" }).hasParent).toBe(false);
    end(ignored);
    expect(store.size).toBe(0);
  });
});

test("what ends without having begun changes nothing", () => {
  const { arrive, end, leave, store } = pod();
  const server = arrive({ requestId: "r" });
  end(leave({ requestId: "r" }));
  expect(store.size).toBe(0);
  end(server);
  end(server);
  expect(store.size).toBe(1);
});

describe("by inference an outbound request finds", () => {
  test("the only inbound request in flight", () => {
    const { arrive, leave } = pod(true);
    const server = arrive({ requestId: "r" });
    expectChild(leave({ requestId: "s" }), server, "inferred");
  });

  test("nothing unless inference is on", () => {
    const { arrive, leave } = pod(false);
    arrive({ requestId: "r" });
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
  });

  test("nothing with none or two in flight", () => {
    const { arrive, end, leave } = pod(true);
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
    const first = arrive({ requestId: "q" });
    const second = arrive({ requestId: "r" });
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
    end(first);
    expectChild(leave({ requestId: "s" }), second, "inferred");
    end(second);
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
  });

  test("nothing beside or from an ignored path, which may be the cause too", () => {
    const { arrive, leave } = pod(true);
    arrive({ requestId: "h", ignored: true });
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
    arrive({ requestId: "r" });
    expect(leave({ requestId: "s" }).parentSource).toBe("none");
  });

  test("what its request id tells first", () => {
    const { arrive, end, leave } = pod(true);
    const ended = arrive({ requestId: "q" });
    end(ended);
    arrive({ requestId: "r" });
    expectChild(leave({ requestId: "q" }), ended, "request_id");
  });
});
