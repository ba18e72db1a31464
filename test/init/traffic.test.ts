/** What the rules do to connections: who ends at the sidecar's port, and who where it wanted to go. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { networkInterfaces } from "node:os";
import type { TCPSocketListener } from "bun";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { RuleStatus } from "../../init/backend.ts";
import type { InitAction } from "../../init/task.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { connect, endsAt, listenAs } from "./connections.ts";
import { initIn, type PodInit } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

/** On a machine that may be busy. */
setDefaultTimeout(60_000);

const SIDECAR_PORT = 14956;
/** The first and the last /16 of fe80::/10, and the one after it. */
const LINK_LOCAL_NETS = ["fe80", "febf"];
const NOT_LINK_LOCAL_NET = "fec0";

let lab: Lab;
let pod: Pod;
let client: Pod;
const listeners: TCPSocketListener[] = [];

beforeAll(() => {
  lab = Lab.create("netra-traffic");
  pod = lab.pod("pod");
  client = lab.pod("client");
  for (const net of [...LINK_LOCAL_NETS, NOT_LINK_LOCAL_NET]) {
    pod.addIp(`${net}::1/64`);
    client.addIp(`${net}::2/64`);
  }
  for (const port of [SIDECAR_PORT, 80, 81, 14957, 14958]) listeners.push(listenAs(pod, port));
  listeners.push(listenAs(client, 80));
});
afterAll(() => {
  for (const listener of listeners) listener.stop(true);
  lab.close();
});

/** A link-local address as a program in `from` has to name it: with the interface, here by number. */
function through(from: Pod, ip: string): string {
  const { eth0 = [] } = inNamespace(from.namespace, networkInterfaces);
  return `${ip}%${eth0.find((entry) => entry.scopeid)!.scopeid}`;
}

describe.each(Object.entries(WAYS))("by %s", (_, way) => {
  const apply = (env: Record<string, string> = {}, action: InitAction = "apply"): PodInit => {
    const done = initIn(pod, { ...way.env, ...env }, { system: way.system, action });
    expect(done).toMatchObject({ code: 0 });
    return done;
  };

  /** How many connections rules in both versions of IP have redirected. */
  const counted = (direction: "inbound" | "outbound"): number => {
    const chain = { inbound: ["prerouting", "NETRA_INBOUND"], outbound: ["output", "NETRA_OUTBOUND"] }[
      direction
    ];
    const { out } = initIn(pod, way.env, { system: way.system, action: "status", json: true });
    const rules: RuleStatus[] = JSON.parse(out).inPlace[0].rules;
    return rules.filter((rule) => chain.includes(rule.chain)).reduce((sum, { packets }) => sum + packets, 0);
  };

  beforeEach(() => void apply({}, "cleanup"));
  afterAll(() => void apply({}, "cleanup"));

  describe("an inbound connection", () => {
    test.each([80, 81])("to port %i is redirected, IPv4 and IPv6", async (port) => {
      apply();
      expect(await endsAt(client, pod.ip4, port)).toBe(SIDECAR_PORT);
      expect(await endsAt(client, pod.ip6, port)).toBe(SIDECAR_PORT);
    });

    test.each([14957, 14958])("to the sidecar's own port %i is not, IPv4 and IPv6", async (port) => {
      apply();
      expect(await endsAt(client, pod.ip4, port)).toBe(port);
      expect(await endsAt(client, pod.ip6, port)).toBe(port);
    });

    test("to the sidecar's proxy port passes no redirect", async () => {
      apply();
      expect(await endsAt(client, pod.ip4, SIDECAR_PORT)).toBe(SIDECAR_PORT);
      expect(counted("inbound")).toBe(0);
    });

    test.each(LINK_LOCAL_NETS)("to a link-local address, %s::, is not", async (net) => {
      apply();
      expect(await endsAt(client, through(client, `${net}::1`), 80)).toBe(80);
    });

    test("to the address next to the link-local ones is redirected", async () => {
      apply();
      expect(await endsAt(client, `${NOT_LINK_LOCAL_NET}::1`, 80)).toBe(SIDECAR_PORT);
    });

    test("to a port that is not listed is left alone", async () => {
      apply({ INBOUND_INTERCEPT_PORTS: "79,81-90" });
      expect(await endsAt(client, pod.ip4, 80)).toBe(80);
      expect(await endsAt(client, pod.ip6, 81)).toBe(SIDECAR_PORT);
    });

    test("is left alone at probability 0, and after a cleanup", async () => {
      apply({ NETRA_INBOUND_PROBABILITY: "0" });
      expect(await endsAt(client, pod.ip4, 80)).toBe(80);
      apply();
      apply({}, "cleanup");
      expect(await endsAt(client, pod.ip4, 80)).toBe(80);
    });
  });

  describe("an outbound connection", () => {
    test("to another pod and to our own address is redirected, IPv4 and IPv6", async () => {
      apply();
      for (const ip of [client.ip4, client.ip6, pod.ip4, pod.ip6]) {
        expect(await endsAt(pod, ip, 80)).toBe(SIDECAR_PORT);
      }
    });

    test.each(["127.0.0.1", "127.0.0.11", "127.255.255.254", "::1"])("to %s is not", async (ip) => {
      apply();
      expect(await endsAt(pod, ip, 80)).toBe(80);
    });

    test.each(LINK_LOCAL_NETS)("to a link-local address, %s::, is not", async (net) => {
      apply();
      expect(await endsAt(pod, through(pod, `${net}::2`), 80)).toBe(80);
    });

    test("to the address next to the link-local ones is redirected", async () => {
      apply();
      expect(await endsAt(pod, `${NOT_LINK_LOCAL_NET}::2`, 80)).toBe(SIDECAR_PORT);
    });

    const owners: [string, Record<string, string>, { uid?: number; gid?: number }, boolean][] = [
      ["of root", {}, {}, true],
      ["of the sidecar's user", {}, { uid: 1337 }, false],
      ["of the sidecar's group", {}, { gid: 1337 }, false],
      ["of another user and group", {}, { uid: 1000, gid: 1000 }, true],
      ["of the second user listed", { NETRA_SIDECAR_USER_ID: "5,2000" }, { uid: 2000 }, false],
      ["of the first group of a range", { NETRA_SIDECAR_GROUP_ID: "256-511" }, { gid: 256 }, false],
      ["of the last group of a range", { NETRA_SIDECAR_GROUP_ID: "256-511" }, { gid: 511 }, false],
      ["of a group before a range", { NETRA_SIDECAR_GROUP_ID: "256-511" }, { gid: 255 }, true],
      ["of a group after a range", { NETRA_SIDECAR_GROUP_ID: "256-511" }, { gid: 512 }, true],
    ];
    test.each(owners)("%s: redirected or not", async (_, env, owner, redirected) => {
      apply(env);
      expect(await endsAt(pod, client.ip4, 80, owner)).toBe(redirected ? SIDECAR_PORT : 80);
      expect(await endsAt(pod, client.ip6, 80, owner)).toBe(redirected ? SIDECAR_PORT : 80);
    });
  });

  describe("a share of 0.25", () => {
    const CONNECTIONS = 2000;
    const mean = CONNECTIONS * 0.25;
    const sigma = Math.sqrt(CONNECTIONS * 0.25 * 0.75);
    const rows: [string, Record<string, string>, () => Promise<number>][] = [
      ["inbound", { NETRA_INBOUND_PROBABILITY: "0.25" }, () => endsAt(client, pod.ip4, 80)],
      ["outbound", { NETRA_OUTBOUND_PROBABILITY: "0.25" }, () => endsAt(pod, client.ip6, 80)],
    ];
    test.each(rows)(
      "of %s connections is redirected, within five standard deviations",
      async (_, env, connectOnce) => {
        apply(env);
        let redirected = 0;
        for (let done = 0; done < CONNECTIONS; done += 50) {
          const ends = await Promise.all(Array.from({ length: 50 }, connectOnce));
          redirected += ends.filter((port) => port === SIDECAR_PORT).length;
        }
        expect(redirected).toBeGreaterThan(mean - 5 * sigma);
        expect(redirected).toBeLessThan(mean + 5 * sigma);
      },
      20_000,
    );
  });

  test("redirected connections in flight survive twenty applications, also of changed rules", async () => {
    apply();
    const alive = [
      await connect(client, pod.ip4, 80),
      await connect(client, pod.ip6, 80),
      await connect(pod, client.ip4, 80),
    ];
    expect(alive.map((connection) => connection.greeting)).toEqual(Array(3).fill(`${SIDECAR_PORT}`));
    for (let i = 0; i < 20; i++) {
      expect(apply(i % 2 ? { NETRA_INBOUND_PROBABILITY: "0", OUTBOUND_INTERCEPT_PORTS: "9" } : {}).code).toBe(
        0,
      );
      for (const connection of alive) expect(await connection.echo(`round ${i}`)).toBe(`round ${i}`);
    }
    for (const connection of alive) connection.close();
  });
});
