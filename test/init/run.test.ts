import { describe, expect, test } from "bun:test";
import { KernelError } from "../../ffi/netlink.ts";
import type { Message } from "../../ffi/netlink-codec.ts";
import { runInit } from "../../init/run.ts";
import type { System } from "../../init/system.ts";
import type { InitOptions } from "../../init/task.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeKernel, NEWCHAIN, NEWRULE } from "./fake-kernel.ts";
import { podSystem } from "./fake-system.ts";

interface Outcome {
  code: number;
  out: string;
  lines: string[];
}

/** Runs init on a machine that has this kernel, a pod's links, and no programs. */
function init(openNetlink: System["openNetlink"], asked: Partial<InitOptions> = {}): Outcome {
  const log = new MemoryLog();
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const system = { ...podSystem(), openNetlink };
  const code = runInit({ env: {}, action: "apply", log, out: write, system, ...asked });
  return { code, out, lines: log.lines };
}

const noKernel = () => {
  throw new Error("the kernel was touched");
};

const refused = (
  request: number,
  errno: number,
  detail: string | null = null,
  offset: number | null = null,
) => new KernelError("request", errno, { request, detail, offset });

describe("without touching the kernel", () => {
  test("a wrong configuration is code 2, every problem on a line", () => {
    const { code, out, lines } = init(noKernel, { env: { NETRA_PORT: "0", NETRA_INBOUND_PROBABILITY: "2" } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(lines).toEqual([
      'error: NETRA_PORT is "0": it must be a port from 1 to 65535',
      'error: NETRA_INBOUND_PROBABILITY is "2": it must be a number from 0 to 1',
    ]);
  });

  test("a wrong configuration is refused in a dry run too", () => {
    expect(init(noKernel, { env: { NETRA_PORT: "0" }, dryRun: true })).toMatchObject({ code: 2, out: "" });
  });

  test("a dry run prints the rules and nothing else", () => {
    const { code, out, lines } = init(noKernel, { dryRun: true });
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    expect(out).toStartWith("table inet netramesh\ndelete table inet netramesh\ntable inet netramesh {\n");
  });

  test("a dry run of a cleanup prints the removal", () => {
    const removal = "table inet netramesh\ndelete table inet netramesh\n";
    expect(init(noKernel, { dryRun: true, action: "cleanup" })).toEqual({ code: 0, out: removal, lines: [] });
  });

  test("a dry run warns like a real one, on the log", () => {
    const { lines } = init(noKernel, { dryRun: true, env: { NETRA_PORT: "1", NETRA_SIDECAR_PORT: "2" } });
    expect(lines).toEqual([expect.stringMatching(/^warn: NETRA_PORT is 1 but NETRA_SIDECAR_PORT is 2/)]);
  });
});

describe("when the kernel does as it is told", () => {
  test("apply is code 0, says what is redirected, and closes the socket", () => {
    const kernel = new FakeKernel();
    const env = { OUTBOUND_INTERCEPT_PORTS: "80,90-99", NETRA_OUTBOUND_PROBABILITY: "0.5" };
    const { code, out, lines } = init(kernel.connect, { env });
    expect({ code, out, left: kernel.open }).toEqual({ code: 0, out: "", left: 0 });
    expect(lines).toEqual([
      "info: redirecting to port 14956: inbound all ports, outbound ports 80,90-99 with probability 0.5",
    ]);
  });

  test("a list too long for a line is counted, and nothing is called nothing", () => {
    const ports = Array.from({ length: 3000 }, (_, i) => 2 * i + 1).join();
    const env = { OUTBOUND_INTERCEPT_PORTS: ports, NETRA_INBOUND_PROBABILITY: "0" };
    expect(init(new FakeKernel().connect, { env }).lines).toEqual([
      "info: redirecting to port 14956: inbound nothing, outbound 3000 ports and ranges of ports",
    ]);
  });

  test("cleanup does not read the configuration", () => {
    const { code, lines } = init(new FakeKernel().connect, {
      action: "cleanup",
      env: { NETRA_PORT: "wrong" },
    });
    expect(code).toBe(0);
    expect(lines).toEqual(["info: the rules of netramesh are removed: nothing is redirected"]);
  });
});

describe("when the kernel cannot", () => {
  test.each([
    [
      "has no nfnetlink",
      93,
      "errno 93 (EPROTONOSUPPORT, protocol not supported)",
      /must load the modules nfnetlink and nf_tables/,
    ],
    [
      "has no netlink at all",
      97,
      "errno 97 (EAFNOSUPPORT, address family not supported)",
      /must load the modules nfnetlink and nf_tables/,
    ],
    [
      "forbids the socket",
      1,
      "errno 1 (EPERM, operation not permitted)",
      /capability NET_ADMIN.*runAsUser: 0/,
    ],
  ])("it %s: code 1, errno and the missing piece", (_, errno, text, hint) => {
    const { code, lines } = init(() => new KernelError("socket", errno));
    expect(code).toBe(1);
    expect(lines[0]).toBe(`error: could not open a netfilter socket: ${text}`);
    expect(lines[1]).toMatch(hint);
  });

  const rows: [string, KernelError, RegExp[]][] = [
    [
      "no privilege",
      refused(0, 1),
      [/begin a transaction: errno 1 \(EPERM/, /NET_ADMIN/, /nothing was changed/],
    ],
    [
      "a request that it finds too large",
      refused(11, 34, "too large", 64),
      [
        /add to chain prerouting the rule: meta l4proto tcp counter redirect to :14956 comment "every other inbound .*": errno 34 \(ERANGE.*\): too large, at byte 64/,
        /nothing was changed/,
      ],
    ],
    [
      "a batch too large",
      new KernelError("sendto", 90),
      [/send to the kernel: errno 90 \(EMSGSIZE/, /nothing was changed/],
    ],
    [
      "no answer",
      new KernelError("recv", 11),
      [/read the kernel's answer: errno 11/, /is not known: run init again/],
    ],
    [
      "an errno without a name",
      refused(1, 999),
      [/create table inet netramesh: errno 999$/, /nothing was changed/],
    ],
  ];
  test.each(rows)("%s: code 1, the request in words, what to do", (_, error, expected) => {
    const kernel = new FakeKernel();
    kernel.errors = [error];
    const { code, lines } = init(kernel.connect);
    expect({ code, left: kernel.open }).toEqual({ code: 1, left: 0 });
    expect(lines).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test("the same hint is given once", () => {
    const kernel = new FakeKernel();
    kernel.errors = [refused(4, 1), refused(5, 1)];
    expect(init(kernel.connect).lines).toHaveLength(4);
  });
});

describe("reading back", () => {
  const without = (index: number) => (messages: Message[]) => messages.filter((_, i) => i !== index);
  const changed = (type: number, index: number, offset: number) => (messages: Message[]) =>
    messages.map((message, i) => {
      if (message.type !== type || i !== index) return message;
      const payload = message.payload.slice();
      payload[payload.length + offset]! ^= 1;
      return { ...message, payload };
    });
  /** The last byte but 4 of a chain lies in its type's name; of a rule, in its comment. */
  const rows: [string, FakeKernel["alter"], RegExp][] = [
    ["a missing chain or rule", without(1), /2 chains were wanted, the kernel has 1/],
    ["an altered chain", changed(NEWCHAIN, 1, -6), /something else than was to create the nat chain output/],
    [
      "an altered rule",
      changed(NEWRULE, 2, -10),
      /something else than was to add to chain prerouting the rule: tcp dport 14957 return/,
    ],
    [
      "a rule in place of another",
      (messages) => messages.toReversed(),
      /something else than was to create the nat chain prerouting/,
    ],
    [
      "rules added by somebody else",
      (messages) => (messages[0]?.type === NEWRULE ? [...messages, messages[0]] : messages),
      /14 rules were wanted, the kernel has 15/,
    ],
  ];
  test.each(rows)("finds %s", (_, alter, expected) => {
    const kernel = new FakeKernel();
    kernel.alter = alter;
    const { code, lines } = init(kernel.connect);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^error: the rules read back are not those that were sent: /),
    ]);
    expect(lines[0]).toMatch(expected);
  });

  test("finds a table that a cleanup left behind", () => {
    const kernel = new FakeKernel();
    init(kernel.connect);
    const left = kernel.messages;
    kernel.alter = () => left;
    expect(init(kernel.connect, { action: "cleanup" })).toMatchObject({
      code: 1,
      lines: [expect.stringMatching(/table netramesh is there again/)],
    });
  });

  test.each([
    ["was cut off", new KernelError("recv", 4), /could not read the kernel's answer: errno 4 \(EINTR/],
    ["was refused", refused(0, 12), /could not read the rules: errno 12 \(ENOMEM/],
  ])("does not take a dump that %s for success", (_, error, expected) => {
    const kernel = new FakeKernel();
    kernel.dumpError = error;
    const { code, lines } = init(kernel.connect);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(expected)]);
  });
});
