/** How long the kernel remembers a connection that was reset. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ipBatch } from "../../examples/lab/ip.ts";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { runInit } from "../../init/run.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { podSystem } from "./fake-system.ts";
import { initIn } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

const SET_DEFAULT_TIMEOUTS = 0x803;
const EINVAL = 22;

let lab: Lab;
beforeAll(() => {
  lab = Lab.create("netra-resets");
});
afterAll(() => lab.close());

/** Conntrack's timeouts in seconds, by the state of a TCP connection. */
async function timeouts(pod: Pod): Promise<Record<string, number>> {
  const { stdout } = await pod.run(["/bin/sh", "-c", "grep . /proc/sys/net/netfilter/*_tcp_timeout_*"]);
  const rows = stdout.matchAll(/_tcp_timeout_(\w+):(\d+)/g);
  return Object.fromEntries(Array.from(rows, ([, state, seconds]) => [state, Number(seconds)]));
}

describe("init", () => {
  test.each([
    ["nft", "nft"],
    ["iptables", "iptables on request"],
  ])("by %s sets this timeout in a pod, and no other", async (name, way) => {
    const pod = lab.pod(name);
    pod.sysctl("net.netfilter.nf_conntrack_tcp_timeout_time_wait", 7);
    const before = await timeouts(pod);
    expect(before).toMatchObject({ close: 10, time_wait: 7 });
    expect(initIn(pod, { ...WAYS[way]!.env })).toMatchObject({ code: 0, lines: [expect.any(String)] });
    expect(await timeouts(pod)).toEqual({ ...before, close: 0 });
  });

  test("says of rules in place that it is not, and leaves it so when they go", async () => {
    const pod = lab.pod("other");
    initIn(pod);
    expect(initIn(pod, {}, { action: "check" }).lines).toEqual([expect.stringMatching(/^info: the rules/)]);
    pod.sysctl("net.netfilter.nf_conntrack_tcp_timeout_close", 7);
    const checked = initIn(pod, {}, { action: "check" });
    expect(checked.code).toBe(0);
    expect(checked.lines[1]).toMatch(/^warn: .*remembers.*for 7 s.*run netramesh init again$/);
    initIn(pod);
    initIn(pod, {}, { action: "cleanup" });
    expect((await timeouts(pod)).close).toBe(0);
  });

  test("leaves a host's alone", async () => {
    const host = lab.pod("host");
    ipBatch(["link add docker0 type bridge"], host.namespace);
    const before = await timeouts(host);
    expect(initIn(host, {}, { force: true }).code).toBe(0);
    expect(await timeouts(host)).toEqual(before);
    expect(initIn(host, {}, { action: "check" }).lines).toHaveLength(1);
  });
});

describe("a kernel that will not be told", () => {
  function init(seconds: string): readonly string[] {
    const kernel = new FakeKernel();
    kernel.refuse = ({ type }) => (type === SET_DEFAULT_TIMEOUTS ? EINVAL : null);
    const log = new MemoryLog();
    const system = { ...podSystem(), openNetlink: kernel.connect, readProc: () => `${seconds}\n` };
    expect(runInit({ env: {}, action: "apply", log, out() {}, system })).toBe(0);
    expect(kernel.open).toBe(0);
    return log.lines;
  }

  test("has the rules all the same, and what it lacks is said", () => {
    expect(init("10")[0]).toMatch(/^warn: .*remembers.*for 10 s.*errno 22 .*nfnetlink_cttimeout$/);
  });

  test("needs no word if a sysctl says the same", () => {
    expect(init("0")).toEqual([expect.stringMatching(/^info: redirecting/)]);
  });
});
