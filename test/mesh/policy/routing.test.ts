import { describe, expect, test } from "bun:test";
import { Routing } from "../../../src/mesh/policy/routing.ts";
import { RoutingStore } from "../../../src/mesh/policy/routing-store.ts";
import { type Applied, apply, type Request } from "./apply.ts";

function setUp(switches = { isOn: true, byCookie: true }) {
  const warnings: string[] = [];
  const routing = new Routing(
    {
      headerName: "X-Route",
      cookieName: "route",
      store: new RoutingStore({ expirationMs: 0, sweepIntervalMs: 1000, maxEntries: 10 }),
      find: () => {
        throw new Error("not asked by the policy");
      },
      isOurs: () => false,
      warn: (line) => warnings.push(line),
    },
    switches,
  );
  return { routing, warnings };
}

const HOST = "Host: cart\r\n";
const outbound = (lines: string, requestId = "id"): Request => ({ direction: "outbound", requestId, lines });
const inbound = (lines: string, requestId = "id"): Request => ({ direction: "inbound", requestId, lines });
const goesTo = ({ exchange }: Applied): string | null => exchange.route?.text ?? null;

describe("an outbound request", () => {
  // biome-ignore format: one row a line
  const rows: [label: string, lines: string, to: string | null][] = [
    ["goes where its header says", `${HOST}x-route: cart=v2\r\n`, "v2:80"],
    ["goes where its cookie says, whatever its header says", `${HOST}X-Route: cart=v2\r\nCookie: a=b; route="cart=v3:1"\r\n`, "v3:1"],
    ["goes where its header says if its cookie is empty", `${HOST}X-Route: cart=v2\r\nCookie: route=\r\n`, "v2:80"],
    ["goes where the first such cookie says", `${HOST}Cookie: route=cart=v2; route=cart=v3\r\n`, "v2:80"],
    ["is matched by the host of an absolute target or field", `${HOST}X-Route: other=v2\r\n`, null],
    ["goes to its original destination without any", HOST, null],
    ["goes to its original destination without a host", "X-Route: =v2\r\n", null],
  ];
  test.each(rows)("%s", (_, lines, to) => {
    const { routing } = setUp();
    const applied = apply(routing, outbound(lines));
    expect([goesTo(applied), applied.fields]).toEqual([to, lines]);
    expect(routing.counters.matched).toBe(to === null ? 0 : 1);
  });

  test("ignores cookies unless they are asked", () => {
    const { routing } = setUp({ isOn: true, byCookie: false });
    expect(goesTo(apply(routing, outbound(`${HOST}Cookie: route=cart=v2\r\n`)))).toBeNull();
  });

  test("with a value that leads where it goes anyway is counted", () => {
    const { routing, warnings } = setUp();
    expect(goesTo(apply(routing, outbound(`${HOST}X-Route: cart=cart\r\n`)))).toBeNull();
    expect([routing.counters.loop, routing.counters.matched, warnings]).toEqual([1, 0, []]);
  });

  test("with a value that is too long goes to its original destination", () => {
    const { routing } = setUp();
    const value = `cart=v2,${"v".repeat(5000)}`;
    for (const line of [`X-Route: ${value}`, `Cookie: route=${value}`]) {
      expect(goesTo(apply(routing, outbound(`${HOST}${line}\r\n`)))).toBeNull();
    }
    expect(routing.counters.malformed).toBe(2);
  });

  test("with a malformed value goes to its original destination, and a line says so", () => {
    const { routing, warnings } = setUp();
    const applied = apply(routing, outbound(`${HOST}X-Route: no"nsense${"!".repeat(500)}\r\n`));
    expect([goesTo(applied), routing.counters.malformed]).toEqual([null, 1]);
    expect(warnings).toEqual([expect.stringContaining('routing value "no\\"nsense!!!')]);
    expect(warnings[0]!.length).toBeLessThan(400);
  });
});

describe("an inbound request", () => {
  const lines = `${HOST}X-Route: cart=v2\r\n`;

  test("goes to its original destination, unchanged", () => {
    const applied = apply(setUp().routing, inbound(lines));
    expect([goesTo(applied), applied.fields]).toEqual([null, lines]);
  });

  test("leaves its value to the outbound requests with its id, which get the header as well", () => {
    const { routing } = setUp();
    apply(routing, inbound(lines));
    for (const [before, after] of [
      [HOST, lines],
      [`X-Route:\r\n${HOST}`, `X-Route:cart=v2\r\n${HOST}`],
    ] as const) {
      const applied = apply(routing, outbound(before));
      expect([goesTo(applied), applied.fields]).toEqual(["v2:80", after]);
    }
    expect(goesTo(apply(routing, outbound(HOST, "other")))).toBeNull();
  });

  test("leaves the value of its cookie", () => {
    const { routing } = setUp();
    apply(routing, inbound(`${HOST}Cookie: route=cart=v3\r\n`));
    expect(apply(routing, outbound(HOST)).fields).toBe(`${HOST}X-Route: cart=v3\r\n`);
  });

  test("leaves nothing to an outbound request that has a value", () => {
    const { routing } = setUp();
    apply(routing, inbound(lines));
    const own = `${HOST}X-Route: other=v4\r\n`;
    const applied = apply(routing, outbound(own));
    expect([goesTo(applied), applied.fields]).toEqual([null, own]);
  });

  test.each([
    ["a request id that is too long", "i".repeat(257), "cart=v2"],
    ["a value that is too long", "id", `cart=v2,${"v".repeat(5000)}`],
  ])("leaves nothing with %s", (_, id, value) => {
    const { routing } = setUp();
    apply(routing, inbound(`${HOST}X-Route: ${value}\r\n`, id));
    expect(apply(routing, outbound(HOST, id)).fields).toBe(HOST);
  });
});

test("switched off, requests pass as if nothing was there; switched on, the next is routed", () => {
  const { routing } = setUp({ isOn: false, byCookie: false });
  const lines = `${HOST}X-Route: cart=v2\r\n`;
  apply(routing, inbound(lines));
  expect(apply(routing, outbound(HOST)).fields).toBe(HOST);
  expect(goesTo(apply(routing, outbound(lines)))).toBeNull();
  routing.switches.isOn = true;
  expect(goesTo(apply(routing, outbound(lines)))).toBe("v2:80");
});
