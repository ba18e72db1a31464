/** Kernels and images that lack something: which way is taken, and what is said if there is none. */
import { describe, expect, test } from "bun:test";
import { KernelError } from "../../ffi/netlink.ts";
import { encodeRequests, type Request } from "../../ffi/netlink-codec.ts";
import { runInit } from "../../init/run.ts";
import type { System } from "../../init/system.ts";
import type { InitOptions } from "../../init/task.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeIptables } from "./fake-iptables.ts";
import { FakeKernel, familyOf, NEWCHAIN } from "./fake-kernel.ts";
import { podSystem } from "./fake-system.ts";

const [INET, IP, IP6] = [1, 2, 10];
const [EPERM, ENOENT, EOPNOTSUPP, EPROTONOSUPPORT] = [1, 2, 95, 93];
const NO_NFNETLINK = () => new KernelError("socket", EPROTONOSUPPORT);

function init(system: Partial<System>, asked: Partial<InitOptions> = {}) {
  const log = new MemoryLog();
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const all = { ...podSystem(), ...system };
  const code = runInit({ env: {}, action: "apply", log, out: write, system: all, ...asked });
  return { code, out, lines: log.lines };
}

function families(kernel: FakeKernel): number[] {
  return [...new Set(kernel.messages.map(familyOf))];
}

const isChainOf =
  (...refused: number[]) =>
  ({ type, family }: Request) =>
    type === NEWCHAIN && refused.includes(family);

describe("a kernel without nat in tables of both families", () => {
  test.each([ENOENT, EOPNOTSUPP])("gets a table for each, if it says errno %i", (errno) => {
    const kernel = new FakeKernel();
    kernel.refuse = (request) => (isChainOf(INET)(request) ? errno : null);
    expect(init({ openNetlink: kernel.connect })).toMatchObject({ code: 0 });
    expect(families(kernel)).toEqual([IP, IP6]);
    expect(init({ openNetlink: kernel.connect }, { action: "check" }).code).toBe(0);
    expect(init({ openNetlink: kernel.connect }, { action: "cleanup" }).code).toBe(0);
    expect(kernel.messages).toEqual([]);
  });

  test("has rules of an older layout removed when it has learnt it", () => {
    const kernel = new FakeKernel();
    kernel.refuse = (request) => (isChainOf(INET)(request) ? ENOENT : null);
    init({ openNetlink: kernel.connect });
    kernel.refuse = () => null;
    expect(init({ openNetlink: kernel.connect }).code).toBe(0);
    expect(families(kernel)).toEqual([INET]);
  });
});

describe("where nf_tables is missing", () => {
  test("iptables-restore is used, if it is there", () => {
    const iptables = new FakeIptables();
    expect(init({ openNetlink: NO_NFNETLINK, ...iptables.system })).toMatchObject({ code: 0 });
    expect(iptables.text(4)).toContain("-A NETRA_INBOUND -p tcp -j REDIRECT --to-ports 14956");
    expect(iptables.text(6)).toContain("-A NETRA_OUTBOUND -d ::1/128 -j RETURN");
  });

  test.each([
    [
      "no nat chains at all",
      isChainOf(INET, IP, IP6),
      /create the nat chain prerouting: errno 2/,
      /nft_chain_nat/,
    ],
    [
      "no redirects",
      (request: Request) => Buffer.from(encodeRequests([request], 1)).includes("redir\0"),
      /add to chain prerouting the rule/,
      /must load/,
    ],
  ])("%s: without iptables it is code 1, and every missing piece is named", (_, isRefused, what, modules) => {
    const kernel = new FakeKernel();
    kernel.refuse = (request) => (isRefused(request) ? ENOENT : null);
    const { code, lines } = init({ openNetlink: kernel.connect });
    expect({ code, kept: kernel.messages.length }).toEqual({ code: 1, kept: 0 });
    expect(lines[0]).toMatch(what);
    expect(lines.join("\n")).toMatch(modules);
    expect(lines.slice(-2)).toEqual([
      "error: iptables-save and iptables-restore are not both on PATH",
      "error: nothing was changed: neither nf_tables nor iptables can be used here",
    ]);
  });

  test("a missing privilege is no missing kernel: iptables is not tried", () => {
    const iptables = new FakeIptables();
    const kernel = new FakeKernel();
    kernel.errors = [new KernelError("request", EPERM, { request: 0, detail: null, offset: null })];
    const { code, lines } = init({ openNetlink: kernel.connect, ...iptables.system });
    expect({ code, runs: iptables.runs }).toEqual({ code: 1, runs: [] });
    expect(lines.join("\n")).toMatch(/EPERM.*\n.*NET_ADMIN/);
  });
});

describe("NETRA_BACKEND", () => {
  test("nft excludes iptables", () => {
    const iptables = new FakeIptables();
    const env = { NETRA_BACKEND: "nft" };
    const { code, lines } = init({ openNetlink: NO_NFNETLINK, ...iptables.system }, { env });
    expect({ code, runs: iptables.runs }).toEqual({ code: 1, runs: [] });
    expect(lines.at(-1)).toMatch(/NETRA_BACKEND=nft excludes iptables/);
  });

  test("iptables excludes nft", () => {
    const kernel = new FakeKernel();
    const env = { NETRA_BACKEND: "iptables" };
    const { code, lines } = init({ openNetlink: kernel.connect }, { env });
    expect({ code, kept: kernel.messages.length }).toEqual({ code: 1, kept: 0 });
    expect(lines.at(-1)).toMatch(/NETRA_BACKEND=iptables excludes nf_tables/);
  });

  test("a wrong one is code 2, whatever is asked", () => {
    for (const action of ["apply", "cleanup", "status"] as const) {
      const { code, lines } = init({}, { env: { NETRA_BACKEND: "pf" }, action });
      expect(code).toBe(2);
      expect(lines).toEqual(['error: NETRA_BACKEND is "pf": it must be one of auto, nft, iptables']);
    }
  });

  test("iptables makes a dry run print its language", () => {
    const { code, out } = init({}, { env: { NETRA_BACKEND: "iptables" }, dryRun: true });
    expect(code).toBe(0);
    expect(out.match(/^# .*/gm)).toEqual(["# iptables-restore --noflush", "# ip6tables-restore --noflush"]);
  });
});

test("a dry run of a cleanup prints what iptables would be told, and tells it nothing", () => {
  const iptables = new FakeIptables();
  const env = { NETRA_BACKEND: "iptables" };
  init(iptables.system, { env });
  const before = iptables.text(4);
  const { code, out } = init(iptables.system, { env, action: "cleanup", dryRun: true });
  expect({ code, kept: iptables.text(4) }).toEqual({ code: 0, kept: before });
  expect(out).toMatch(
    /^# \/sbin\/iptables-restore --noflush\n\*nat\n-D PREROUTING -p tcp -j NETRA_INBOUND\n/,
  );
  expect(out.match(/^-X NETRA_OUTBOUND$/gm)).toHaveLength(2);
});

describe("iptables that does not work", () => {
  test("fails before anything is changed if one version of IP refuses", () => {
    const iptables = new FakeIptables();
    iptables.refuse = (argv) =>
      argv[0]!.includes("ip6tables") && argv.includes("--wait") ? "no chance" : null;
    const { code, lines } = init({ openNetlink: NO_NFNETLINK, ...iptables.system });
    expect({ code, kept: iptables.text(4) }).toEqual({ code: 1, kept: "" });
    expect(lines.join("\n")).toContain("/sbin/ip6tables-restore failed: no chance");
  });

  test("takes everything back if it fails half-way", () => {
    const iptables = new FakeIptables();
    iptables.refuse = (argv) =>
      argv[0]!.includes("ip6tables") && argv.includes("--wait") && !argv.includes("--test")
        ? "no room"
        : null;
    const { code, lines } = init({ openNetlink: NO_NFNETLINK, ...iptables.system });
    expect({ code, kept: iptables.text(4) }).toEqual({ code: 1, kept: "" });
    expect(lines.at(-1)).toBe("error: the rules were removed again: nothing is redirected");
  });

  test("is told again if another init came between reading and writing", () => {
    const iptables = new FakeIptables();
    const other = { ...podSystem(), openNetlink: NO_NFNETLINK, ...iptables.system };
    let isAlone = false;
    const run: System["run"] = (argv, stdin) => {
      const isWriting = argv[0] === "/sbin/iptables-restore" && argv.includes("--wait");
      if (isWriting && !argv.includes("--test") && !isAlone) {
        isAlone = true;
        expect(init(other).code).toBe(0);
      }
      return iptables.system.run(argv, stdin);
    };
    expect(init({ ...other, run }).code).toBe(0);
    expect(iptables.text(4).match(/-A PREROUTING -p tcp -j NETRA_INBOUND/g)).toHaveLength(1);
    expect(init(other, { action: "check" }).code).toBe(0);
  });

  test("leaves IPv6 out where it cannot redirect it and there is no global address", () => {
    const iptables = new FakeIptables();
    iptables.refuse = (argv) => (argv[0]!.includes("ip6tables") ? "no such table" : null);
    const linkLocal = "fe800000000000000000000000000001 02 40 20 80     eth0\n";
    const readProc = (path: string) => (path.endsWith("if_inet6") ? linkLocal : "");
    const system = { openNetlink: NO_NFNETLINK, ...iptables.system };
    expect(init({ ...system, readProc }).code).toBe(0);
    expect(init({ ...system, readProc }, { action: "check" }).code).toBe(0);
  });

  test("does not where there is one: it would bypass the mesh", () => {
    const iptables = new FakeIptables();
    iptables.refuse = (argv) => (argv[0]!.includes("ip6tables") ? "no such table" : null);
    const global = "fd000000000000000000000000000001 02 40 00 80     eth0\n";
    const readProc = (path: string) => (path.endsWith("if_inet6") ? global : "");
    const { code, lines } = init({ openNetlink: NO_NFNETLINK, ...iptables.system, readProc });
    expect({ code, kept: iptables.text(4) }).toEqual({ code: 1, kept: "" });
    expect(lines.join("\n")).toContain("no such table");
  });
});
