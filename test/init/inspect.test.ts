/** What init tells of rules, and whether it sees every change of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { linux } from "../../init/system.ts";
import type { InitOptions } from "../../init/task.ts";
import { initIn, nft, ruleset } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

let lab: Lab;
let pod: Pod;
beforeAll(() => {
  lab = Lab.create("netra-inspect");
  pod = lab.pod("pod");
});
afterAll(() => lab.close());

const OPTIONS = { INBOUND_SKIP_PORTS: "22", NETRA_GUARD_PORT: "1", NETRA_DROP_INVALID: "1" };
const MANY = { INBOUND_SKIP_PORTS: Array.from({ length: 20 }, (_, i) => 10 * i + 1).join() };

describe.each(Object.entries(WAYS))("by %s", (_, way) => {
  const init = (env: Record<string, string>, options: Partial<InitOptions> = {}) =>
    initIn(pod, { ...way.env, ...env }, { system: way.system, ...options });

  beforeEach(() => void init({}, { action: "cleanup" }));
  afterAll(() => void init({}, { action: "cleanup" }));

  test.each([{}, OPTIONS, MANY])("--check of %j is code 0 where it was applied, and 1 elsewhere", (env) => {
    expect(init(env, { action: "check" })).toMatchObject({
      code: 1,
      lines: ["error: the rules are not those of this configuration: no rules are in place"],
    });
    init(env);
    expect(init(env, { action: "check" })).toMatchObject({
      code: 0,
      out: "",
      lines: ["info: the rules of this configuration are in place"],
    });
    expect(init({ ...env, INBOUND_SKIP_PORTS: "23" }, { action: "check" }).code).toBe(1);
    init({}, { action: "disable" });
    expect(init(env, { action: "check" }).code).toBe(1);
  });

  test("--check changes nothing", () => {
    init({});
    const before = ruleset(pod);
    init(OPTIONS, { action: "check" });
    init({}, { action: "check" });
    expect(ruleset(pod)).toEqual(before);
  });

  test("--check --output json says how they differ", () => {
    init({});
    const check = (env: Record<string, string>) => JSON.parse(init(env, { action: "check", json: true }).out);
    expect(check({})).toEqual({ equal: true, difference: null });
    expect(check({ NETRA_SIDECAR_PORT: "1" })).toEqual({ equal: false, difference: expect.any(String) });
  });

  test("--status tells what is there, without the configuration", () => {
    expect(init({}, { action: "status" })).toMatchObject({ code: 0, out: "no rules are in place\n" });
    expect(JSON.parse(init({}, { action: "status", json: true }).out)).toEqual({ inPlace: [] });
    init(OPTIONS);
    const { code, out } = init({ NETRA_PORT: "broken" }, { action: "status" });
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(
      /^(nft \(table inet|nft \(table ip netramesh, table ip6|iptables \(\/)/,
    );
    for (const what of [/prerouting|NETRA_INBOUND/, /output|NETRA_OUTBOUND/, /strays/i, /guard/i]) {
      expect(out).toMatch(what);
    }
  });
});

describe("--check finds", () => {
  beforeEach(() => {
    nft(pod, ["flush", "ruleset"]);
    initIn(pod, MANY);
    expect(initIn(pod, MANY, { action: "check" }).code).toBe(0);
  });

  const changes: [string, string][] = [
    ["a rule that was added", "add rule inet netramesh output accept"],
    ["a rule that was inserted", "insert rule inet netramesh prerouting accept"],
    ["rules that were flushed", "flush chain inet netramesh output"],
    ["a chain that was added", "add chain inet netramesh extra"],
    ["a port that was added to a set", "add element inet netramesh inbound-skip-ports { 5000 }"],
    ["a port that was taken from a set", "delete element inet netramesh inbound-skip-ports { 101 }"],
    ["a table that was deleted", "delete table inet netramesh"],
  ];
  test.each(changes)("%s", (_, change) => {
    nft(pod, ["-f", "-"], change);
    expect(initIn(pod, MANY, { action: "check" })).toMatchObject({ code: 1, out: "" });
    initIn(pod, MANY);
    expect(initIn(pod, MANY, { action: "check" }).code).toBe(0);
  });
});

describe("--explain", () => {
  test("gives every rule its reason, below the reason of its chain, and needs no kernel", () => {
    const openNetlink = () => {
      throw new Error("the kernel was touched");
    };
    const { code, out } = initIn(pod, OPTIONS, { action: "explain", system: { ...linux, openNetlink } });
    expect(code).toBe(0);
    expect(out).toContain("inbound connections (type nat hook prerouting priority -101; policy accept;)\n");
    expect(out).toMatch(/^ {2}tcp dport 22 return +INBOUND_SKIP_PORTS names port 22$/m);
    expect(out).toMatch(/^ {2}meta skuid 1337 return +the sidecar's own user: redirecting it would loop$/m);
    expect(out.split("\n\n")).toHaveLength(4);
  });

  test("says the same to machines", () => {
    const { out } = initIn(pod, OPTIONS, { action: "explain", json: true });
    const { place, label, chains } = JSON.parse(out);
    expect([place, label]).toEqual(["pod", expect.stringMatching(/^netramesh\/3 sha256=/)]);
    expect(chains.map(({ name, hook }: Record<string, string>) => [name, hook])).toEqual([
      ["prerouting", "prerouting"],
      ["output", "output"],
      ["strays", "prerouting"],
      ["guard", "input"],
    ]);
    expect(chains[0].rules).toContainEqual({
      rule: "tcp dport 22 return",
      why: "INBOUND_SKIP_PORTS names port 22",
    });
  });
});
