import { expect, test } from "bun:test";
import type { Finding } from "../../src/check/finding.ts";
import { checkNothing, checkResets, checkWithoutSidecar, checkWithSidecar } from "../../src/check/network.ts";
import type { Fate } from "../../src/check/own-connection.ts";
import type { RunningSidecar } from "../../src/check/running.ts";
import type { Exemption } from "../../src/proxy/exemption.ts";

const OWNER = { uid: 1337, gid: 1337 };
const WELL: RunningSidecar = {
  hasMetrics: true,
  isDraining: false,
  seesNat: true,
  loops: 0,
  variables: new Map(),
};

function words(findings: readonly Finding[]): string[] {
  return findings.map(({ result, name }) => `${result} ${name}`);
}

const WITHOUT: [hasNat: boolean | null, exemption: Exemption, found: string[]][] = [
  [true, "proved", ["ok sidecar", "ok nat", "ok exemption"]],
  [true, "intercepted", ["ok sidecar", "ok nat", "error exemption"]],
  [true, "unproved", ["ok sidecar", "ok nat", "warning exemption"]],
  [false, "unproved", ["ok sidecar", "error nat"]],
  [null, "untestable", ["ok sidecar", "warning nat"]],
];
test.each(WITHOUT)("without a sidecar, NAT %p and exemption %s", (hasNat, exemption, found) => {
  expect(words(checkWithoutSidecar(hasNat, exemption, OWNER))).toEqual(found);
});

const ALL = ["ok sidecar", "ok nat", "ok exemption"];
const WITH: [label: string, sidecar: Partial<RunningSidecar>, fate: Fate, uid: number, found: string[]][] = [
  ["its own user is not redirected", {}, "direct", 1337, [...ALL, "ok redirection"]],
  ["its own user is redirected", {}, "redirected", 1337, [...ALL, "error redirection"]],
  ["another user is redirected", {}, "redirected", 1000, [...ALL, "ok redirection"]],
  ["another user is not redirected", {}, "direct", 1000, [...ALL, "warning redirection"]],
  ["its own user's come back to it", {}, "reset", 1337, [...ALL, "error redirection"]],
  ["another user's was given up", {}, "reset", 1000, [...ALL, "warning redirection"]],
  ["nobody saw", {}, "unknown", 1000, [...ALL, "warning redirection"]],
  ["no rule", { seesNat: false }, "direct", 1337, ["ok sidecar", "error nat", "ok exemption"]],
  ["it drains", { isDraining: true }, "direct", 1337, ["warning sidecar", ...ALL.slice(1), "ok redirection"]],
  ["loops", { loops: 2 }, "direct", 1337, ["ok sidecar", "ok nat", "error exemption", "ok redirection"]],
  [
    "its metrics port is not its own",
    { hasMetrics: false, isDraining: null, seesNat: null, loops: null },
    "direct",
    1337,
    ["warning sidecar", "warning nat", "ok redirection"],
  ],
];
test.each(WITH)("with a sidecar: %s", (_, sidecar, fate, uid, found) => {
  const trial = { fate, listenerUid: 1337 };
  expect(words(checkWithSidecar({ ...WELL, ...sidecar }, trial, { uid, gid: 1337 }))).toEqual(found);
});

test("where the port is taken, that is said", () => {
  expect(words(checkNothing())).toEqual(["warning nat"]);
});

test.each([
  ["0\n", ["ok resets"]],
  ["10\n", ["warning resets"]],
  [null, []],
])("what the kernel says of resets: %j", (text, found) => {
  expect(words(checkResets(() => text))).toEqual(found);
});
