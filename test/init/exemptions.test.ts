/** What each option leaves alone, and that it leaves nothing else alone. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { TCPSocketListener } from "bun";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { RuleStatus } from "../../init/backend.ts";
import { eventually } from "../e2e/harness.ts";
import { connect, endsAt, listenAs } from "./connections.ts";
import { initIn } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

const SIDECAR = 14956;
const SECOND_IP4 = "198.18.0.77";
const SECOND_IP6 = "fd00::77";

let lab: Lab;
let pod: Pod;
let client: Pod;
const listeners: TCPSocketListener[] = [];

beforeAll(() => {
  lab = Lab.create("netra-exempt");
  pod = lab.pod("pod");
  client = lab.pod("client");
  client.addIp(`${SECOND_IP4}/15`);
  client.addIp(`${SECOND_IP6}/64`);
  for (const port of [SIDECAR, 80, 81]) listeners.push(listenAs(pod, port));
  for (const port of [80, 81]) listeners.push(listenAs(client, port));
});
afterAll(() => {
  for (const listener of listeners) listener.stop(true);
  lab.close();
});

type Ports = readonly [number, number];

/** Where connections to `port` end, over IPv4 and over IPv6. */
async function inbound(port: number): Promise<Ports> {
  return [await endsAt(client, pod.ip4, port), await endsAt(client, pod.ip6, port)];
}

async function outbound(port: number, owner = {}): Promise<Ports> {
  return [await endsAt(pod, client.ip4, port, owner), await endsAt(pod, client.ip6, port, owner)];
}

async function toSecond(port: number): Promise<Ports> {
  return [await endsAt(pod, SECOND_IP4, port), await endsAt(pod, SECOND_IP6, port)];
}

async function toSelf(port: number): Promise<Ports> {
  return [await endsAt(pod, pod.ip4, port), await endsAt(pod, pod.ip6, port)];
}

const REDIRECTED: Ports = [SIDECAR, SIDECAR];
const LEFT_ALONE: Ports = [80, 80];
const THREE_THOUSAND = Array.from({ length: 3000 }, (_, i) => 2 * i + 2).join();

describe.each(Object.entries(WAYS))("by %s", (_, way) => {
  const apply = (env: Record<string, string>): void => {
    expect(initIn(pod, { ...way.env, ...env }, { system: way.system })).toMatchObject({ code: 0 });
    const check = initIn(pod, { ...way.env, ...env }, { system: way.system, action: "check" });
    expect(check).toMatchObject({ code: 0 });
  };
  const cleanUp = () => void initIn(pod, way.env, { system: way.system, action: "cleanup" });

  beforeEach(cleanUp);
  afterAll(cleanUp);

  const ports: [string, Record<string, string>][] = [
    ["a port", { INBOUND_SKIP_PORTS: "80", OUTBOUND_SKIP_PORTS: "80" }],
    ["a range", { INBOUND_SKIP_PORTS: "1:80", OUTBOUND_SKIP_PORTS: "79-80" }],
    [
      "a port that is also listed",
      {
        INBOUND_SKIP_PORTS: "80",
        INBOUND_INTERCEPT_PORTS: "80,81",
        OUTBOUND_SKIP_PORTS: "80",
        OUTBOUND_INTERCEPT_PORTS: "80-81",
      },
    ],
    ["3000 ports", { INBOUND_SKIP_PORTS: THREE_THOUSAND, OUTBOUND_SKIP_PORTS: THREE_THOUSAND }],
  ];
  test.each(ports)("skips %s, and not the next one", async (_, env) => {
    apply(env);
    expect([await inbound(80), await outbound(80)]).toEqual([LEFT_ALONE, LEFT_ALONE]);
    expect([await inbound(81), await outbound(81)]).toEqual([REDIRECTED, REDIRECTED]);
  });

  test("skips ports of one direction only", async () => {
    apply({ INBOUND_SKIP_PORTS: "80" });
    expect([await inbound(80), await outbound(80)]).toEqual([LEFT_ALONE, REDIRECTED]);
    apply({ OUTBOUND_SKIP_PORTS: "80" });
    expect([await inbound(80), await outbound(80)]).toEqual([REDIRECTED, LEFT_ALONE]);
  });

  test("skips a port for some users only", async () => {
    apply({ OUTBOUND_SKIP_USER_PORTS: "1000-1009/80,0/9" });
    expect(await outbound(80, { uid: 1009 })).toEqual(LEFT_ALONE);
    expect(await outbound(80, { uid: 1010 })).toEqual(REDIRECTED);
    expect(await outbound(81, { uid: 1009 })).toEqual(REDIRECTED);
  });

  test("skips where connections come from, inbound", async () => {
    apply({ INBOUND_SKIP_CIDRS: `${client.ip4},fd00::/64` });
    expect([await inbound(80), await outbound(80)]).toEqual([LEFT_ALONE, REDIRECTED]);
    apply({ INBOUND_SKIP_CIDRS: `${SECOND_IP4},fd01::/64,::/9` });
    expect(await inbound(80)).toEqual(REDIRECTED);
  });

  test("skips where connections go to, outbound", async () => {
    apply({ OUTBOUND_SKIP_CIDRS: "198.18.0.64/26,fd00::70/125" });
    expect([await toSecond(80), await outbound(80)]).toEqual([LEFT_ALONE, REDIRECTED]);
    expect(await inbound(80)).toEqual(REDIRECTED);
  });

  test("skips everything of a version of IP that has a network of length 0", async () => {
    apply({ OUTBOUND_SKIP_CIDRS: "0.0.0.0/0", INBOUND_SKIP_CIDRS: "::/0" });
    expect([await outbound(80), await inbound(80)]).toEqual([
      [80, SIDECAR],
      [SIDECAR, 80],
    ]);
  });

  test.each([
    ["eth0", true],
    ["eth*", true],
    ["lo,eth0", true],
    ["eth", false],
    ["eth1,th*,eth00", false],
  ])("skips what comes in or leaves through %s, if that is the one: %p", async (names, isSkipped) => {
    apply({ SKIP_INTERFACES: names });
    const expected = isSkipped ? LEFT_ALONE : REDIRECTED;
    expect([await inbound(80), await outbound(80)]).toEqual([expected, expected]);
  });

  test("skips calls to an address of our own on request", async () => {
    apply({ NETRA_SKIP_SELF: "1" });
    expect([await toSelf(80), await outbound(80)]).toEqual([LEFT_ALONE, REDIRECTED]);
  });

  test("refuses connections to the sidecar's port itself on request", async () => {
    apply({ NETRA_GUARD_PORT: "1" });
    for (const [from, ip] of [
      [client, pod.ip4],
      [client, pod.ip6],
      [pod, "127.0.0.1"],
      [pod, "::1"],
    ] as const) {
      await expect(connect(from, ip, SIDECAR)).rejects.toThrow();
    }
    expect([await inbound(80), await outbound(80)]).toEqual([REDIRECTED, REDIRECTED]);
  });

  test("drops packets of unknown connections on request, and counts them", async () => {
    const older = await connect(client, pod.ip4, 80);
    apply({ NETRA_DROP_INVALID: "1" });
    pod.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0);
    older.echo("nobody will answer").catch(() => {});
    const dropped = () => {
      const { out } = initIn(pod, way.env, { system: way.system, action: "status", json: true });
      const rules: RuleStatus[] = JSON.parse(out).inPlace[0].rules;
      return rules.some(({ chain, packets }) => /strays/i.test(chain) && packets > 0);
    };
    await eventually(dropped, () => "no packet was dropped");
    pod.sysctl("net.netfilter.nf_conntrack_tcp_loose", 1);
    older.close();
    expect([await inbound(80), await outbound(80)]).toEqual([REDIRECTED, REDIRECTED]);
  });

  const ends: [string, () => void][] = [
    ["disabled", () => void initIn(pod, way.env, { system: way.system, action: "disable" })],
    ["with both shares 0", () => apply({ NETRA_INBOUND_PROBABILITY: "0", NETRA_OUTBOUND_PROBABILITY: "0" })],
  ];
  test.each(ends)("%s, it redirects nothing new, and connections in flight go on", async (_, end) => {
    apply({});
    const alive = [await connect(client, pod.ip4, 80), await connect(pod, client.ip6, 80)];
    end();
    expect([await inbound(80), await outbound(80)]).toEqual([LEFT_ALONE, LEFT_ALONE]);
    for (const connection of alive) {
      expect(connection.greeting).toBe(`${SIDECAR}`);
      expect(await connection.echo("still here")).toBe("still here");
      connection.close();
    }
  });
});
