/** Init against the real kernel, in pods of its own; nft is the independent witness. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { Lab, SHARED } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Netlink } from "../../ffi/netlink.ts";
import { cString, type Request, readCString } from "../../ffi/netlink-codec.ts";
import { linux } from "../../init/system.ts";
import { initIn, listing, nft, ruleset } from "./pod-init.ts";
import { realNetlink } from "./ways.ts";

const REPOSITORY = resolve(import.meta.dir, "../..");

let lab: Lab;
let pod: Pod;
let reference: Pod;

beforeAll(() => {
  lab = Lab.create("netra-init", { share: REPOSITORY });
  pod = lab.pod("pod");
  reference = lab.pod("reference");
});
afterAll(() => lab.close());
beforeEach(() => {
  for (const each of [pod, reference]) nft(each, ["flush", "ruleset"]);
});

/** Too many for a rule each. */
const MANY_PORTS = Array.from({ length: 17 }, (_, i) => `${1000 * i + 1}-${1000 * i + 7}`).join();

const CONFIGURATIONS: [string, Record<string, string>][] = [
  ["the defaults", {}],
  [
    "listed ports and ranges",
    { INBOUND_INTERCEPT_PORTS: "80,8000:8080,http:https", OUTBOUND_INTERCEPT_PORTS: "1,65535" },
  ],
  ["shares", { NETRA_INBOUND_PROBABILITY: "0.25", NETRA_OUTBOUND_PROBABILITY: "0.999" }],
  ["the smallest share", { NETRA_INBOUND_PROBABILITY: "1e-300" }],
  ["nothing redirected", { NETRA_INBOUND_PROBABILITY: "0", NETRA_OUTBOUND_PROBABILITY: "0" }],
  [
    "lists and ranges of users and groups",
    { NETRA_SIDECAR_USER_ID: "0,1000-1999,4294967294", NETRA_SIDECAR_GROUP_ID: "70000-4294967294" },
  ],
  ["skipped ports", { INBOUND_SKIP_PORTS: "22,9000-9009", OUTBOUND_SKIP_PORTS: "65535" }],
  [
    "a set of skipped ports",
    { INBOUND_SKIP_PORTS: MANY_PORTS, OUTBOUND_SKIP_PORTS: `${MANY_PORTS},65534-65535` },
  ],
  [
    "a set of ports to redirect",
    { INBOUND_INTERCEPT_PORTS: MANY_PORTS, OUTBOUND_INTERCEPT_PORTS: MANY_PORTS },
  ],
  ["ports of users", { OUTBOUND_SKIP_USER_PORTS: "0/80,1000-1999/8000-8100" }],
  [
    "skipped networks of every prefix length",
    {
      INBOUND_SKIP_CIDRS: Array.from({ length: 33 }, (_, i) => `0.0.0.0/${i}`).join(),
      OUTBOUND_SKIP_CIDRS: Array.from({ length: 129 }, (_, i) => `::/${i}`).join(),
    },
  ],
  [
    "skipped addresses",
    { INBOUND_SKIP_CIDRS: "192.0.2.1,2001:db8::1", OUTBOUND_SKIP_CIDRS: "169.254.169.254" },
  ],
  ["skipped interfaces", { SKIP_INTERFACES: "lo,fifteen-chars-x,cni*,fourteen-char*" }],
  ["no calls to ourselves", { NETRA_SKIP_SELF: "1" }],
  ["no strays", { NETRA_DROP_INVALID: "1" }],
  ["a guarded port", { NETRA_GUARD_PORT: "1", NETRA_SIDECAR_PORT: "256" }],
  ["other ports", { NETRA_SIDECAR_PORT: "256", NETRA_PPROF_PORT: "65535", NETRA_PROMETHEUS_PORT: "1" }],
];

describe("init applies", () => {
  test.each(CONFIGURATIONS)("%s, exactly as nft would the text of the dry run", (_, env) => {
    expect(initIn(pod, env)).toMatchObject({ code: 0, out: "" });
    nft(reference, ["-f", "-"], initIn(reference, env, { dryRun: true }).out);
    expect(ruleset(pod)).toEqual(ruleset(reference));
    expect(listing(pod)).toBe(listing(reference));
    expect(listing(pod)).toMatch(/comment "netramesh\/3 sha256=[0-9a-f]{64}"/);
  });

  test("twice as once, and so does the text of the dry run", () => {
    initIn(pod);
    const once = ruleset(pod);
    expect(initIn(pod).code).toBe(0);
    nft(pod, ["-f", "-"], initIn(pod, {}, { dryRun: true }).out);
    expect(ruleset(pod)).toEqual(once);
  });

  test("a changed configuration in place of the old one", () => {
    initIn(pod, { INBOUND_INTERCEPT_PORTS: "1-1000", NETRA_OUTBOUND_PROBABILITY: "0.5" });
    initIn(pod, { INBOUND_INTERCEPT_PORTS: "80" });
    initIn(reference, { INBOUND_INTERCEPT_PORTS: "80" });
    expect(ruleset(pod)).toEqual(ruleset(reference));
  });

  test("3000 ports each way as one rule each", () => {
    const ports = Array.from({ length: 3000 }, (_, i) => 2 * i + 1).join();
    const env = { INBOUND_SKIP_PORTS: ports, OUTBOUND_SKIP_PORTS: ports, INBOUND_INTERCEPT_PORTS: ports };
    expect(initIn(pod, env)).toMatchObject({ code: 0 });
    expect(initIn(pod, env, { action: "check" })).toMatchObject({ code: 0 });
    const elements = /elements = \{ ([^}]*) \}/.exec(
      nft(pod, ["list", "set", "inet", "netramesh", "inbound-ports"]),
    )!;
    expect(elements[1]!.split(/,\s+/)).toEqual(ports.split(","));
    expect(listing(pod).match(/ (return|redirect) /g)).toHaveLength(16);
  });

  test("beside the tables of others, which it leaves alone", () => {
    nft(
      pod,
      ["-f", "-"],
      "table ip nat { chain c { type nat hook output priority -100; tcp dport 81 redirect to :82; }; }",
    );
    nft(pod, ["add", "table", "inet", "netramesh2"]);
    const others = ruleset(pod);
    expect(initIn(pod).code).toBe(0);
    expect(initIn(pod, {}, { action: "cleanup" }).code).toBe(0);
    expect(ruleset(pod)).toEqual(others);
  });

  test("while others do the same", async () => {
    const argv = [process.execPath, `${REPOSITORY}/test/init/init-process.ts`];
    const ends = await Promise.all(Array.from({ length: 4 }, () => pod.run(argv)));
    expect(ends.map((end) => end.stderr)).toEqual(
      Array(4).fill("redirecting to port 14956: inbound all ports, outbound all ports\n"),
    );
    initIn(reference);
    expect(ruleset(pod)).toEqual(ruleset(reference));
  });

  test("nothing in a dry run", () => {
    initIn(pod, {}, { dryRun: true });
    initIn(pod, {}, { action: "cleanup", dryRun: true });
    expect(ruleset(pod)).toEqual([]);
  });
});

describe("init cleans up", () => {
  test("what it applied", () => {
    initIn(pod);
    expect(initIn(pod, {}, { action: "cleanup" }).code).toBe(0);
    expect(ruleset(pod)).toEqual([]);
  });

  test("where there is nothing to clean up", () => {
    expect(initIn(pod, {}, { action: "cleanup" }).code).toBe(0);
    expect(ruleset(pod)).toEqual([]);
  });
});

describe("init fails", () => {
  test("without NET_ADMIN, with code 1 and the way to get it", async () => {
    const argv = [
      `${SHARED}${process.execPath.slice(REPOSITORY.length)}`,
      `${SHARED}/test/init/init-process.ts`,
    ];
    const { code, stdout, stderr } = await pod.run(argv, { uid: 1000, gid: 1000 });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^could not read the rules: errno 1 \(EPERM, operation not permitted\)\n/);
    expect(stderr).toContain("runAsUser: 0");
    expect(stderr).toContain("add: [NET_ADMIN]");
    expect(ruleset(pod)).toEqual([]);
  });

  test("as root without NET_ADMIN in the same way, and with NET_ADMIN alone not at all", async () => {
    const argv = [process.execPath, `${REPOSITORY}/test/init/init-process.ts`];
    expect((await pod.run(argv, { caps: ["dac_override"] })).code).toBe(1);
    expect(await pod.run(argv, { caps: ["net_admin"] })).toMatchObject({ code: 0, stdout: "" });
  });

  test("on a rule that the kernel refuses, naming the rule and why, and changes nothing", () => {
    initIn(pod, { INBOUND_INTERCEPT_PORTS: "1" });
    const before = ruleset(pod);
    const { code, lines } = initIn(
      pod,
      {},
      { system: { ...linux, openNetlink: misdirecting, which: () => null } },
    );
    expect(code).toBe(1);
    expect(lines[0]).toMatch(
      /^error: could not add to chain output the rule: ip6 daddr ::1 return comment "inside the pod": errno 2 \(ENOENT, .*\), at byte \d+ of the request$/,
    );
    expect(lines.at(-1)).toMatch(/nothing was changed/);
    expect(ruleset(pod)).toEqual(before);
  });

  test("when somebody changes the rules behind its back", () => {
    const { code, lines } = initIn(pod, {}, { system: { ...linux, openNetlink: interfering } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/14 rules were wanted, the kernel has 13/)]);
  });
});

/** The real kernel, but one rule is sent to a chain that does not exist. */
function misdirecting(): Netlink {
  const netlink = realNetlink();
  const chain = { type: 2, value: cString("no-such-chain") };
  const isMeant = ({ attributes }: Request) =>
    attributes.some(
      ({ value }) => value instanceof Uint8Array && readCString(value.subarray(2)) === "inside the pod",
    );
  const misdirect = (request: Request): Request =>
    isMeant(request)
      ? { ...request, attributes: request.attributes.map((each) => (each.type === 2 ? chain : each)) }
      : request;
  return {
    transact: (requests) => netlink.transact(requests.map(misdirect)),
    dump: (request) => netlink.dump(request),
    close: () => netlink.close(),
  };
}

/** The real kernel, where a rule vanishes between the batch and the look at it. */
function interfering(): Netlink {
  const netlink = realNetlink();
  return {
    transact(requests) {
      const errors = netlink.transact(requests);
      const rules = nft(pod, ["-a", "list", "chain", "inet", "netramesh", "output"]);
      nft(pod, [
        "delete",
        "rule",
        "inet",
        "netramesh",
        "output",
        "handle",
        /handle (\d+)\n\t}/.exec(rules)![1]!,
      ]);
      return errors;
    },
    dump: (request) => netlink.dump(request),
    close: () => netlink.close(),
  };
}
