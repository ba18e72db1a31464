import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Endpoint, ProbeOutcome } from "../../ffi/probe.ts";
import { runInit } from "../../init/run.ts";
import type { System } from "../../init/system.ts";
import { MemoryLog } from "../fakes/log.ts";
import { listenAs } from "./connections.ts";
import { podSystem } from "./fake-system.ts";
import { initIn, nft } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

type Env = Record<string, string>;

/** What init --validate says on a machine where probes end so, and which it made. */
function validate(outcome: (to: Endpoint) => ProbeOutcome, env: Env = {}, machine: Partial<System> = {}) {
  const log = new MemoryLog();
  const tried: string[] = [];
  const probe = (at: Endpoint, to: Endpoint) => {
    tried.push(`${to.ip} ${to.port} at ${at.ip} ${at.port}`);
    return outcome(to);
  };
  const addresses = () => ["198.18.0.1", "fd00::1"];
  const system = { ...podSystem(), addresses, ...machine, probe };
  const code = runInit({ env, action: "apply", validate: true, out: () => {}, log, system });
  return { code, tried, lines: log.lines.slice(1) };
}

const always = (outcome: ProbeOutcome) => () => outcome;

describe("the probe", () => {
  const targets: [string, Env, Partial<System>, string[]][] = [
    ["goes to addresses of ours", {}, {}, ["198.18.0.1 80", "fd00::1 80"]],
    [
      "goes to addresses nobody has, if there is no other",
      {},
      { addresses: () => [] },
      ["192.0.2.1 80", "2001:db8::1 80"],
    ],
    [
      "leaves our addresses alone if they are exempt",
      { NETRA_SKIP_SELF: "1" },
      {},
      ["192.0.2.1 80", "2001:db8::1 80"],
    ],
    [
      "avoids skipped networks",
      { OUTBOUND_SKIP_CIDRS: "198.18.0.0/15,2001:db8::/32" },
      {},
      ["192.0.2.1 80", "fd00::1 80"],
    ],
    ["avoids skipped ports", { OUTBOUND_SKIP_PORTS: "1-99,101" }, {}, ["198.18.0.1 100", "fd00::1 100"]],
    [
      "goes nowhere through a skipped interface",
      { SKIP_INTERFACES: "lo" },
      {},
      ["192.0.2.1 80", "2001:db8::1 80"],
    ],
    [
      "may go through lo, if another interface is skipped",
      { SKIP_INTERFACES: "e*" },
      {},
      ["198.18.0.1 80", "fd00::1 80"],
    ],
    ["is not made, if every way is skipped", { SKIP_INTERFACES: "l*,eth0" }, {}, []],
    [
      "takes a listed port",
      { OUTBOUND_INTERCEPT_PORTS: "22,5432-5440", OUTBOUND_SKIP_PORTS: "5432" },
      {},
      ["198.18.0.1 5433", "fd00::1 5433"],
    ],
    [
      "avoids ports of its own user",
      { OUTBOUND_SKIP_USER_PORTS: "0/80,1/81" },
      {},
      ["198.18.0.1 81", "fd00::1 81"],
    ],
  ];
  test.each(targets)("%s", (_, env, machine, expected) => {
    const { code, tried } = validate(always("redirected"), env, machine);
    expect({ code, tried }).toEqual({
      code: 0,
      tried: expected.map((target) => `${target} at ${target.includes(":") ? "::1" : "127.0.0.1"} 14956`),
    });
  });
});

describe("the answer", () => {
  test("is code 1 for a connection that did not arrive", () => {
    const { code, lines } = validate((to) => (to.bytes.length === 4 ? "redirected" : "silent"));
    expect(code).toBe(1);
    expect(lines).toEqual([
      "info: validated: IPv4 connections are redirected (tried 198.18.0.1 port 80)",
      "error: IPv6 is not redirected: a connection to fd00::1 port 80 did not arrive at port 14956",
    ]);
  });

  test("is code 0, and said, for a version of IP that is not there", () => {
    const { code, lines } = validate((to) => (to.bytes.length === 4 ? "redirected" : "unreachable"));
    expect(code).toBe(0);
    expect(lines[1]).toBe("warn: IPv6 not validated: there is no address to try");
  });

  test("proves something if the sidecar answers at an address that nobody has, not at one of ours", () => {
    const { code, tried, lines } = validate(always("answered"));
    expect({ code, tried: tried.length }).toEqual({ code: 0, tried: 4 });
    expect(lines[0]).toBe("info: validated: IPv4 connections are redirected (tried 192.0.2.1 port 80)");
  });

  const obstacles: [string, Env, Partial<System>][] = [
    ["only a share of the outbound connections is redirected", { NETRA_OUTBOUND_PROBABILITY: "0.5" }, {}],
    ["outbound connections are not redirected", { NETRA_OUTBOUND_PROBABILITY: "0" }, {}],
    ["this process runs as user 0, who is exempt", { NETRA_SIDECAR_USER_ID: "0" }, {}],
    [
      "this process runs as group 7, which is exempt",
      { NETRA_SIDECAR_GROUP_ID: "5-9" },
      { owner: { uid: 0, gid: 7 } },
    ],
    ["every port is exempt", { OUTBOUND_INTERCEPT_PORTS: "80", OUTBOUND_SKIP_PORTS: "80" }, {}],
  ];
  test.each(obstacles)("is that nothing can be proved: %s", (why, env, machine) => {
    expect(validate(always("silent"), env, machine)).toEqual({
      code: 0,
      tried: [],
      lines: [`warn: not validated: ${why}`],
    });
  });
});

describe("in a real pod", () => {
  let lab: Lab;
  let pod: Pod;
  beforeAll(() => {
    lab = Lab.create("netra-validate");
    pod = lab.pod("pod");
  });
  afterAll(() => lab.close());

  test.each(Object.entries(WAYS))("rules by %s are proved right", (_, { env, system }) => {
    const { code, lines } = initIn(pod, { ...env }, { system, validate: true });
    expect(code).toBe(0);
    expect(lines.slice(-2)).toEqual([
      `info: validated: IPv4 connections are redirected (tried ${pod.ip4} port 80)`,
      `info: validated: IPv6 connections are redirected (tried ${pod.ip6} port 80)`,
    ]);
    expect(initIn(pod, { ...env }, { system, action: "check", validate: true }).code).toBe(0);
    initIn(pod, { ...env }, { system, action: "cleanup" });
  });

  test("a rule of somebody else that takes the connections is found", () => {
    const thief =
      "table ip thief { chain c { type nat hook output priority -150; tcp dport 80 redirect to :9; }; }";
    nft(pod, ["-f", "-"], thief);
    const { code, lines } = initIn(pod, {}, { validate: true });
    expect(code).toBe(1);
    expect(lines.join("\n")).toMatch(/IPv4 is not redirected.*\n.*IPv6 connections are redirected/);
    nft(pod, ["flush", "ruleset"]);
  });

  test("where the sidecar already has the port, an address that nobody has is tried", () => {
    const sidecar = listenAs(pod, 14956);
    const { code, lines } = initIn(pod, {}, { validate: true });
    sidecar.stop(true);
    expect(code).toBe(0);
    expect(lines.slice(1)).toEqual([
      "warn: IPv4 not validated: there is no address to try",
      "warn: IPv6 not validated: there is no address to try",
    ]);
  });
});
