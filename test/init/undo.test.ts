/** Rules that wait for a confirmation: what makes them stay, and what takes them away. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { KernelError } from "../../ffi/netlink.ts";
import type { InitOptions } from "../../init/task.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { podSystem } from "./fake-system.ts";
import { initIn } from "./pod-init.ts";
import { WAYS } from "./ways.ts";

const MARK = "00c0ffee";

let lab: Lab;
let pod: Pod;
beforeAll(() => {
  lab = Lab.create("netra-undo");
  pod = lab.pod("pod");
});
afterAll(() => lab.close());

describe.each(Object.entries(WAYS))("by %s", (_, way) => {
  const init = (action: InitOptions["action"], options: Partial<InitOptions> = {}) =>
    initIn(pod, way.env, { system: way.system, action, ...options });
  const isInPlace = () => init("check").code === 0;
  const mark = () => JSON.parse(init("status", { json: true }).out).inPlace[0]?.mark ?? null;

  beforeEach(() => void init("cleanup"));
  afterAll(() => void init("cleanup"));

  test("rules that nobody confirmed are removed", () => {
    init("apply", { mark: MARK });
    expect([isInPlace(), mark()]).toEqual([true, MARK]);
    expect(init("status").out).toContain("waiting for init --confirm");
    expect(init("revert", { mark: MARK })).toMatchObject({
      code: 0,
      lines: ["info: nobody has confirmed the rules: they are removed, nothing is redirected"],
    });
    expect(init("status").out).toBe("no rules are in place\n");
  });

  test("rules that were confirmed stay", () => {
    init("apply", { mark: MARK });
    expect(init("confirm")).toMatchObject({ code: 0, lines: ["info: confirmed: the rules stay"] });
    expect([isInPlace(), mark()]).toEqual([true, null]);
    expect(init("revert", { mark: MARK }).lines).toEqual([
      "info: the rules were confirmed or replaced: nothing is undone",
    ]);
    expect(isInPlace()).toBe(true);
  });

  test("rules that took their place stay, confirmed or waiting for another", () => {
    init("apply", { mark: MARK });
    init("apply");
    init("revert", { mark: MARK });
    expect([isInPlace(), mark()]).toEqual([true, null]);
    init("apply", { mark: MARK });
    init("apply", { mark: "deadbeef" });
    init("revert", { mark: MARK });
    expect([isInPlace(), mark()]).toEqual([true, "deadbeef"]);
  });

  test("there must be something to confirm", () => {
    init("apply");
    expect(init("confirm")).toMatchObject({
      code: 1,
      lines: ["error: there are no rules that wait to be confirmed"],
    });
  });

  test("a cleanup takes the mark along", () => {
    init("apply", { mark: MARK });
    expect(init("cleanup").code).toBe(0);
    expect(init("status").out).toBe("no rules are in place\n");
  });
});

test("a confirmation in the last moment wins: the kernel removes nothing without the mark", () => {
  const kernel = new FakeKernel();
  const system = { ...podSystem(), openNetlink: kernel.connect };
  initIn(pod, {}, { system, mark: MARK });
  const before = kernel.messages;
  const DELCHAIN = 0xa05;
  kernel.refuse = ({ type }) => (type === DELCHAIN ? 2 : null);
  expect(initIn(pod, {}, { system, action: "revert", mark: MARK }).code).toBe(1);
  expect(kernel.messages).toEqual(before);
});

describe("another network namespace", () => {
  test("is entered before anything is done", () => {
    const other = lab.pod("other");
    const netns = `/run/netns/${other.namespace}`;
    expect(initIn(pod, {}, { netns }).code).toBe(0);
    expect(initIn(pod, {}, { action: "status" }).out).toBe("no rules are in place\n");
    expect(initIn(other, {}, { action: "check" }).code).toBe(0);
    expect(initIn(pod, {}, { action: "cleanup", netns }).code).toBe(0);
    expect(initIn(other, {}, { action: "status" }).out).toBe("no rules are in place\n");
  });

  test.each([
    ["/run/netns/there-is-no-such", "there is no such file"],
    ["/proc/self/status", "the file is no network namespace"],
    ["", "there is no such file"],
  ])("that cannot be entered is code 1: %p", (netns, why) => {
    const { code, lines } = initIn(pod, {}, { netns });
    expect(code).toBe(1);
    expect(lines).toEqual([`error: could not enter the network namespace "${netns}": ${why}`]);
  });

  test("that may not be entered is code 1, with the privilege that is needed", () => {
    const system = { ...podSystem(), enterNamespace: () => 1 };
    expect(initIn(pod, {}, { system, netns: "/proc/1/ns/net" }).lines[0]).toMatch(/capability SYS_ADMIN$/);
  });
});

test("a kernel that does not answer is no proof that there is nothing to confirm", () => {
  const kernel = new FakeKernel();
  kernel.dumpError = new KernelError("recv", 11);
  const system = { ...podSystem(), openNetlink: kernel.connect };
  const { code, lines } = initIn(pod, {}, { system, action: "confirm" });
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/could not read the kernel's answer/);
});
