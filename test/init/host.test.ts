/** On a host people work over the network that is being changed: what keeps them connected. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { TCPSocketListener } from "bun";
import { ipBatch } from "../../examples/lab/ip.ts";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { connect, endsAt, listenAs } from "./connections.ts";
import { initIn, nft, ruleset } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

const SIDECAR = 14956;
/** Of a third machine, which the client reaches through the host. */
const BEYOND = "203.0.113.1";

let lab: Lab;
let host: Pod;
let client: Pod;
const listeners: TCPSocketListener[] = [];

beforeAll(() => {
  lab = Lab.create("netra-host");
  host = lab.pod("host");
  client = lab.pod("client");
  const beyond = lab.pod("beyond");
  beyond.addIp(BEYOND);
  ipBatch(["link add docker0 type bridge", `route add ${BEYOND} via ${beyond.ip4}`], host.namespace);
  ipBatch([`route add ${BEYOND} via ${host.ip4}`], client.namespace);
  host.sysctl("net.ipv4.ip_forward", 1);
  for (const port of [SIDECAR, 80, 22]) listeners.push(listenAs(host, port));
  for (const place of [client, beyond]) for (const port of [80, 22]) listeners.push(listenAs(place, port));
});
afterAll(() => {
  for (const listener of listeners) listener.stop(true);
  lab.close();
});
beforeEach(() => void nft(host, ["flush", "ruleset"]));

describe("init refuses", () => {
  test("with code 2 and the reason, and changes nothing", () => {
    const { code, lines } = initIn(host);
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/looks like a host's, not a pod's: it has the interface docker0/);
    expect(lines[1]).toMatch(/nothing was changed; --force programs it, and --revert-after/);
    expect(ruleset(host)).toEqual([]);
  });

  test("not to look, nor to undo", () => {
    for (const action of ["cleanup", "status", "explain", "disable"] as const) {
      expect(initIn(host, {}, { action }).code).toBe(0);
    }
    expect(initIn(host, {}, { dryRun: true }).out).toContain("tcp dport 22 return");
  });
});

describe.each(Object.entries(WAYS))("forced, by %s", (_, { env: wayEnv, system }) => {
  const force = (env: Record<string, string> = {}) =>
    expect(initIn(host, { ...wayEnv, ...env }, { system, force: true }).code).toBe(0);
  const cleanUp = () => void initIn(host, wayEnv, { system, action: "cleanup" });

  beforeEach(cleanUp);
  afterAll(cleanUp);

  test("it redirects what comes to the host and what it sends", async () => {
    force({ NETRA_DROP_INVALID: "1" });
    const check = initIn(host, { ...wayEnv, NETRA_DROP_INVALID: "1" }, { system, action: "check" });
    expect(check.code).toBe(0);
    for (const ip of [host.ip4, host.ip6]) expect(await endsAt(client, ip, 80)).toBe(SIDECAR);
    for (const ip of [client.ip4, client.ip6]) expect(await endsAt(host, ip, 80)).toBe(SIDECAR);
  });

  test("it leaves SSH alone both ways, unless the port is listed", async () => {
    force();
    expect([await endsAt(client, host.ip4, 22), await endsAt(host, client.ip6, 22)]).toEqual([22, 22]);
    force({ INBOUND_INTERCEPT_PORTS: "22,80" });
    expect([await endsAt(client, host.ip4, 22), await endsAt(host, client.ip6, 22)]).toEqual([SIDECAR, 22]);
  });

  test("it does not cut connections that are older than the rules", async () => {
    const older = [await connect(client, host.ip4, 80), await connect(host, client.ip6, 80)];
    force();
    for (const connection of older) {
      expect(await connection.echo("still here")).toBe("still here");
      connection.close();
    }
  });

  test("it leaves forwarded connections to others", async () => {
    force();
    expect(await endsAt(client, BEYOND, 80)).toBe(80);
  });
});
