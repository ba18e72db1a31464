import { describe, expect, test } from "bun:test";
import { Exchange } from "../../src/mesh/exchange.ts";
import { DATAGRAM_BYTES, StatsdObserver } from "../../src/metrics/statsd.ts";
import type { Direction } from "../../src/proxy/handler.ts";
import { connInfo } from "../mesh/conversation.ts";

interface Over {
  readonly status: number;
  readonly direction?: Direction;
  readonly ignored?: boolean;
}

class Daemon {
  readonly datagrams: string[] = [];
  readonly due: (() => void)[] = [];
  readonly observer: StatsdObserver;

  constructor(prefix = "mesh") {
    this.observer = new StatsdObserver({
      prefix,
      send: (datagram) => void this.datagrams.push(Buffer.from(datagram).toString()),
      timers: {
        after: (_, run) => {
          this.due.push(run);
          return () => {};
        },
      },
    });
  }

  ended({ status, direction = "inbound", ignored = false }: Over): this {
    const exchange = new Exchange(connInfo(direction));
    exchange.begin();
    exchange.status = status;
    exchange.ignored = ignored;
    this.observer.ended(exchange);
    return this;
  }

  flush(): this {
    for (const run of this.due.splice(0)) run();
    return this;
  }
}

describe("the name and its prefix are joined by one dot:", () => {
  const rows: [prefix: string, line: string][] = [
    ["mesh", "mesh.inbound.200:1|c"],
    ["mesh.", "mesh.inbound.200:1|c"],
    ["mesh.shop..", "mesh.shop.inbound.200:1|c"],
    ["", "inbound.200:1|c"],
    [".", "inbound.200:1|c"],
  ];
  test.each(rows)("%p", (prefix, line) => {
    expect(new Daemon(prefix).ended({ status: 200 }).flush().datagrams).toEqual([line]);
  });
});

test("equal counters of a datagram are sent as their sum", () => {
  const daemon = new Daemon().ended({ status: 200 }).ended({ status: 503 }).ended({ status: 200 });
  expect(daemon.due).toHaveLength(1);
  expect(daemon.flush().datagrams).toEqual(["mesh.inbound.200:2|c\nmesh.inbound.503:1|c"]);
  expect(daemon.ended({ status: 200 }).flush().datagrams[1]).toBe("mesh.inbound.200:1|c");
});

test("nothing is sent while nothing is counted", () => {
  const daemon = new Daemon();
  daemon.observer.flush();
  expect(daemon.flush().datagrams).toEqual([]);
});

describe("what has no span in 0.10 does not count:", () => {
  const rows: [string, Over][] = [
    ["an outbound request", { status: 200, direction: "outbound" }],
    ["an ignored path", { status: 200, ignored: true }],
    ["a request without response", { status: 0 }],
  ];
  test.each(rows)("%s", (_, over) => {
    expect(new Daemon().ended(over).flush().datagrams).toEqual([]);
  });
});

test("what does not fit into one datagram goes into the next", () => {
  const daemon = new Daemon();
  for (let status = 100; status < 300; status++) daemon.ended({ status });
  const { datagrams } = daemon.flush();
  expect(datagrams.length).toBe(3);
  for (const datagram of datagrams) expect(Buffer.byteLength(datagram)).toBeLessThanOrEqual(DATAGRAM_BYTES);
  expect(datagrams.flatMap((datagram) => datagram.split("\n"))).toEqual(
    Array.from({ length: 200 }, (_, i) => `mesh.inbound.${100 + i}:1|c`),
  );
});
