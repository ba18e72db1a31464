import { describe, expect, test } from "bun:test";
import { parseInitConfig } from "../../init/config.ts";
import { type IpVersion, ruleLines } from "../../init/iptables-rules.ts";
import { SavedTables } from "../../init/iptables-saved.ts";
import { applyText, confirmText, removeText } from "../../init/iptables-text.ts";
import { literalNetwork } from "../../init/network.ts";
import { type Action, type Match, makePlan } from "../../init/plan.ts";

const RETURN: Action = { kind: "return" };
const one = (value: number) => ({ first: value, last: value });
const range = { first: 80, last: 90 };
const network = (end: "source" | "destination", text: string): Match => ({
  kind: "network",
  end,
  network: literalNetwork(text),
});

describe("a rule in the words of iptables-save", () => {
  const rows: [string, Match[], Action, IpVersion, string[]][] = [
    ["everything", [], RETURN, 4, ["-j RETURN"]],
    ["TCP", [{ kind: "tcp" }], { kind: "redirect", port: 1 }, 4, ["-p tcp -j REDIRECT --to-ports 1"]],
    ["all but TCP", [{ kind: "not-tcp" }], RETURN, 4, ["! -p tcp -j RETURN"]],
    ["a port", [{ kind: "port", range: one(80) }], RETURN, 4, ["-p tcp -m tcp --dport 80 -j RETURN"]],
    ["a range", [{ kind: "port", range }], RETURN, 6, ["-p tcp -m tcp --dport 80:90 -j RETURN"]],
    [
      "a user's port",
      [
        { kind: "user", range },
        { kind: "port", range: one(5) },
      ],
      RETURN,
      4,
      ["-p tcp -m owner --uid-owner 80-90 -m tcp --dport 5 -j RETURN"],
    ],
    ["a group", [{ kind: "group", range: one(7) }], RETURN, 4, ["-m owner --gid-owner 7 -j RETURN"]],
    ["a source", [network("source", "10.0.0.0/8")], RETURN, 4, ["-s 10.0.0.0/8 -j RETURN"]],
    ["an address", [network("destination", "fd00::1")], RETURN, 6, ["-d fd00::1/128 -j RETURN"]],
    ["an address of the other version", [network("destination", "fd00::1")], RETURN, 4, []],
    ["every address", [network("source", "::/0")], RETURN, 6, ["-j RETURN"]],
    [
      "an interface",
      [{ kind: "interface", end: "source", name: { text: "eth1", isPrefix: false } }],
      RETURN,
      4,
      ["-i eth1 -j RETURN"],
    ],
    [
      "interfaces that begin so",
      [{ kind: "interface", end: "destination", name: { text: "cni", isPrefix: true } }],
      RETURN,
      4,
      ["-o cni+ -j RETURN"],
    ],
    ["our addresses", [{ kind: "local", is: true }], RETURN, 4, ["-m addrtype --dst-type LOCAL -j RETURN"]],
    ["not ours", [{ kind: "local", is: false }], RETURN, 4, ["-m addrtype ! --dst-type LOCAL -j RETURN"]],
    [
      "three quarters",
      [{ kind: "random", threshold: 2 ** 30 }],
      RETURN,
      4,
      ["-m statistic --mode random --probability 0.75000000000 -j RETURN"],
    ],
    ["no SYN", [{ kind: "mid-stream" }], RETURN, 4, ["-p tcp -m tcp --tcp-flags SYN NONE -j RETURN"]],
    [
      "strays",
      [{ kind: "tcp" }, { kind: "invalid" }],
      { kind: "drop" },
      4,
      ["-p tcp -m conntrack --ctstate INVALID -j DROP"],
    ],
    [
      "the guard",
      [{ kind: "port", range: one(1) }, { kind: "not-redirected" }],
      { kind: "reject" },
      4,
      ["-p tcp -m tcp --dport 1 -m conntrack ! --ctstate DNAT -j REJECT --reject-with tcp-reset"],
    ],
  ];
  test.each(rows)("%s", (_, matches, action, version, expected) => {
    expect(ruleLines({ matches, action, why: "" }, version)).toEqual(expected);
  });

  test("many ports, fifteen to a line, a range counting as two", () => {
    const ranges = [
      ...Array.from({ length: 14 }, (_, i) => one(2 * i + 1)),
      { first: 100, last: 200 },
      one(300),
    ];
    expect(ruleLines({ matches: [{ kind: "ports", set: "s", ranges }], action: RETURN, why: "" }, 4)).toEqual(
      [
        "-p tcp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27 -j RETURN",
        "-p tcp -m multiport --dports 100:200,300 -j RETURN",
      ],
    );
  });
});

const parsed = parseInitConfig({ NETRA_INBOUND_PROBABILITY: "0", NETRA_GUARD_PORT: "1" });
if ("problems" in parsed) throw new Error("this configuration is valid");
const plan = makePlan(parsed.config, "pod");

/** What 0.10 left: its chains, its jumps; and a chain of somebody else. */
const OLDER = new SavedTables(`# Generated
*nat
:PREROUTING ACCEPT [0:0]
:NETRA_INBOUND - [0:0]
:THEIRS - [0:0]
[3:180] -A PREROUTING -p tcp -m statistic --mode random --probability 0.50000000000 -j NETRA_INBOUND
[0:0] -A PREROUTING -m comment --comment "not NETRA_INBOUND" -j THEIRS
[2:120] -A NETRA_INBOUND -p tcp -j REDIRECT --to-ports 14956
COMMIT
`);
const NOTHING = new SavedTables("");

describe("the input of iptables-restore", () => {
  test("replaces what is there of ours, table by table, and names no other table", () => {
    expect(applyText(plan, 6, OLDER, "00ff")).toBe(`*nat
-D PREROUTING -p tcp -m statistic --mode random --probability 0.50000000000 -j NETRA_INBOUND
:NETRA_INBOUND - [0:0]
:NETRA_OUTBOUND - [0:0]
:NETRA_UNCONFIRMED_00ff - [0:0]
-I PREROUTING 1 -p tcp -j NETRA_INBOUND
-I OUTPUT 1 -p tcp -j NETRA_OUTBOUND
-A NETRA_INBOUND -j RETURN
-A NETRA_INBOUND -p tcp -j REDIRECT --to-ports 14956
-A NETRA_OUTBOUND ! -p tcp -j RETURN
-A NETRA_OUTBOUND -m owner --uid-owner 1337 -j RETURN
-A NETRA_OUTBOUND -m owner --gid-owner 1337 -j RETURN
-A NETRA_OUTBOUND -d ::1/128 -j RETURN
-A NETRA_OUTBOUND -d fe80::/10 -j RETURN
-A NETRA_OUTBOUND -o lo -p tcp -m tcp --dport 14958 -j REDIRECT --to-ports 14956
-A NETRA_OUTBOUND -p tcp -j REDIRECT --to-ports 14956
COMMIT
*filter
:NETRA_GUARD - [0:0]
-I INPUT 1 -p tcp -j NETRA_GUARD
-A NETRA_GUARD -p tcp -m tcp --dport 14956 -m conntrack ! --ctstate DNAT -j REJECT --reject-with tcp-reset
COMMIT
`);
  });

  test("removes jumps before chains, and nothing of others", () => {
    expect(removeText(OLDER)).toBe(`*nat
-D PREROUTING -p tcp -m statistic --mode random --probability 0.50000000000 -j NETRA_INBOUND
-F NETRA_INBOUND
-X NETRA_INBOUND
COMMIT
`);
    expect(removeText(NOTHING)).toBe("");
  });

  test("begins with the mark of what is to be undone, so that all fails without it", () => {
    const marked = new SavedTables(
      "*nat\n:NETRA_OUTBOUND - [0:0]\n:NETRA_UNCONFIRMED_00ff - [0:0]\nCOMMIT\n",
    );
    expect(marked.mark).toBe("00ff");
    expect(removeText(marked, "00ff")).toBe(
      "*nat\n-X NETRA_UNCONFIRMED_00ff\n-F NETRA_OUTBOUND\n-X NETRA_OUTBOUND\nCOMMIT\n",
    );
    expect(confirmText("00ff")).toBe("*nat\n-X NETRA_UNCONFIRMED_00ff\nCOMMIT\n");
  });
});

describe("what iptables-save says", () => {
  const applied = applyText(plan, 4, NOTHING, null).replace(/^-[AI] (\S+)(?: 1)? /gm, "[1:60] -A $1 ");

  test("is equal to what was applied, whatever modules it names", () => {
    expect(new SavedTables(applied).difference(plan, 4)).toBeNull();
    expect(new SavedTables(applied.replaceAll("-m tcp ", "")).difference(plan, 4)).toBeNull();
    expect(new SavedTables(applied.replaceAll("\n", "\r\n")).difference(plan, 4)).toBeNull();
  });

  const rows: [string, (text: string) => string, RegExp][] = [
    [
      "a rule is gone",
      (text) => text.replace(/.*owner 1337.*\n/, ""),
      /gid-owner 1337.* is where .*uid-owner 1337/,
    ],
    ["the last rule is gone", (text) => text.replace(/.*REJECT.*\n/, ""), /nothing is where .*REJECT/],
    [
      "a rule is altered",
      (text) => text.replace("127.0.0.0/8", "127.0.0.0/16"),
      /127.0.0.0\/16.* where .*127.0.0.0\/8/,
    ],
    [
      "a jump is gone",
      (text) => text.replace(/.*PREROUTING.*\n/, ""),
      /table nat: nothing is where -A PREROUTING/,
    ],
    [
      "a rule is added",
      (text) => text.replace(/COMMIT/, "[0:0] -A NETRA_OUTBOUND -j RETURN\nCOMMIT"),
      /chain NETRA_OUTBOUND also has .*-j RETURN/,
    ],
    ["a table is gone", (text) => text.replace(/\*filter[^*]*/, ""), /table filter: nothing is where/],
  ];
  test.each(rows)("differs if %s", (_, alter, expected) => {
    expect(new SavedTables(alter(applied)).difference(plan, 4)).toMatch(expected);
  });

  test("holds the counters of what redirects, drops and refuses", () => {
    expect(
      new SavedTables(applied).counted.map(({ chain, packets, bytes }) => [chain, packets, bytes]),
    ).toEqual([
      ["NETRA_INBOUND", 1, 60],
      ["NETRA_OUTBOUND", 1, 60],
      ["NETRA_OUTBOUND", 1, 60],
      ["NETRA_GUARD", 1, 60],
    ]);
  });
});
