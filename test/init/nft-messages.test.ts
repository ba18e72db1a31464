import { describe, expect, test } from "bun:test";
import { encodeAttributes, encodeRequests } from "../../ffi/netlink-codec.ts";
import { parseInitConfig } from "../../init/config.ts";
import { literalNetwork } from "../../init/network.ts";
import { ruleExpressions } from "../../init/nft-expressions.ts";
import { applySteps, cleanupSteps } from "../../init/nft-messages.ts";
import { type Action, type Match, makePlan } from "../../init/plan.ts";

/** Captured from `nft --debug=netlink,mnl`, one element of the expression list each. */
const META_L4PROTO = "2400018009000100 6d65746100000000 14000280 0800020000000010 0800010000000001";
const CMP_TCP =
  "2c00018008000100636d7000 20000280 0800010000000001 0800020000000000 0c000380 0500010006000000";
const PAYLOAD_DPORT =
  "340001800c0001007061796c6f616400 24000280 0800010000000001 0800020000000002 0800030000000002 0800040000000002";
const PORT_14956 =
  "2c0001800e000100696d6d656469617465000000 18000280 0800010000000001 0c000280 060001003a6c0000";
const REDIR = "240001800a00010072656469720000 00 14000280 0800010000000001 0800030000000002";
const RETURN =
  "300001800e000100696d6d656469617465000000 1c000280 0800010000000000 10000280 0c000280 08000100fffffffb";
const META_NFPROTO = META_L4PROTO.replace("0800020000000010", "080002000000000f");
const CMP_IPV6 = CMP_TCP.replace("0500010006000000", "050001000a000000");
const PAYLOAD_IP6_DADDR = PAYLOAD_DPORT.replace(
  "0800020000000002 0800030000000002 0800040000000002",
  "0800020000000001 0800030000000018 0800040000000010",
);
const BITWISE_10_BITS =
  "5c0001800c000100 6269747769736500 4c000280 0800010000000001 0800020000000001 0800030000000010" +
  "18000480 14000100ffc00000000000000000000000000000 18000580 1400010000000000000000000000000000000000";
const CMP_FE80 =
  "380001800800 0100636d7000 2c000280 0800010000000001 0800020000000000 18000380 14000100fe800000000000000000000000000000";
const COUNTER = "140001800c000100636f756e74657200 04000280";

const PASS: Action = { kind: "return" };
const REDIRECT: Action = { kind: "redirect", port: 14956 };

describe("a rule's expressions", () => {
  const rows: [string, Match, Action, string[]][] = [
    [
      "let everything but TCP pass",
      { kind: "not-tcp" },
      PASS,
      [META_L4PROTO, CMP_TCP.replace("0800020000000000", "0800020000000001"), RETURN],
    ],
    [
      "match a port",
      { kind: "port", range: { first: 14956, last: 14956 } },
      PASS,
      [META_L4PROTO, CMP_TCP, PAYLOAD_DPORT, CMP_TCP.replace("0500010006000000", "060001003a6c0000"), RETURN],
    ],
    [
      "let what goes to a link-local address pass",
      { kind: "network", end: "destination", network: literalNetwork("fe80::/10") },
      PASS,
      [META_NFPROTO, CMP_IPV6, PAYLOAD_IP6_DADDR, BITWISE_10_BITS, CMP_FE80, RETURN],
    ],
    ["redirect all TCP", { kind: "tcp" }, REDIRECT, [META_L4PROTO, CMP_TCP, COUNTER, PORT_14956, REDIR]],
  ];
  test.each(rows)("%s", (_, match, action, expected) => {
    const rule = { matches: [match], action, why: "" };
    expect(encodeAttributes(ruleExpressions(rule, "inet")!).toHex()).toBe(
      expected.join("").replaceAll(" ", ""),
    );
  });
});

describe("a batch", () => {
  const BEGIN = "1400000010000100 01000000 00000000 0000000a";
  const config = parseInitConfig({});
  if ("problems" in config) throw new Error("the default configuration is valid");
  const steps = applySteps(makePlan(config.config, "pod"), ["inet"]);
  const message = (index: number) => encodeRequests([steps[index]!.request], index + 1).toHex();

  test.each([
    ["begins with the subsystem, big-endian", 0, BEGIN],
    [
      "makes sure that there is a table",
      1,
      "2c000000000a0504 02000000 00000000 01000000 0e0001006e657472616d657368000000 0800020000000000",
    ],
    ["deletes it", 2, "24000000020a0500 03000000 00000000 01000000 0e0001006e657472616d657368000000"],
    [
      "creates the chain at priority -101",
      4,
      "58000000030a0504 05000000 00000000 01000000 0e0001006e657472616d657368000000 0f0003007072 65726f7574696e670000 14000480 0800010000000000 08000200ffffff9b 0800050000000001 080007006e617400",
    ],
  ])("%s", (_, index, hex) => {
    expect(message(index)).toBe(hex.replaceAll(" ", ""));
  });

  test("ends with a commit, without which the kernel acknowledges and applies nothing", () => {
    expect(steps.at(-1)!.request).toMatchObject({ type: 0x11, resourceId: 10 });
    expect(cleanupSteps(["inet"]).at(-1)!.request).toMatchObject({ type: 0x11, resourceId: 10 });
  });

  test("appends rules, because the kernel would put each before the last", () => {
    const rules = steps.filter(({ request }) => request.type === 0xa06);
    expect(rules).toHaveLength(14);
    for (const { request } of rules) expect(request.flags).toBe(0x1 | 0x4 | 0x400 | 0x800);
  });

  test("to clean up only deletes the table", () => {
    expect(cleanupSteps(["inet"]).map((step) => step.request.type)).toEqual([0x10, 0xa00, 0xa02, 0x11]);
  });
});
