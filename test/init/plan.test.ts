import { describe, expect, test } from "bun:test";
import { parseInitConfig } from "../../init/config.ts";
import { planText, ruleText } from "../../init/nft-text.ts";
import { type ChainName, disabledPlan, makePlan, type Place, type Plan } from "../../init/plan.ts";

function plan(env: Record<string, string>, place: Place = "pod"): Plan {
  const parsed = parseInitConfig(env);
  if ("problems" in parsed) throw new Error("a plan needs a valid configuration");
  return makePlan(parsed.config, place);
}

/** What there is at probability 0: the redirect is out of reach. */
const NOTHING = ["return", "meta l4proto tcp counter redirect to :14956"];

/** The rules of one chain in nft's language, without their reasons. */
function rules(chain: ChainName, env: Record<string, string> = {}, place: Place = "pod"): string[] {
  const own = plan(env, place).rules.filter((rule) => rule.chain === chain);
  return own.map((rule) => ruleText(rule).replace(/ comment ".*"$/, ""));
}

const IN_PASS = [
  "meta l4proto != tcp return",
  "tcp dport 14956 return",
  "tcp dport 14957 return",
  "tcp dport 14958 return",
  "ip6 daddr fe80::/10 return",
];
const OUT_PASS = [
  "meta l4proto != tcp return",
  "meta skuid 1337 return",
  "meta skgid 1337 return",
  "ip daddr 127.0.0.0/8 return",
  "ip6 daddr ::1 return",
  "ip6 daddr fe80::/10 return",
  'oifname "lo" tcp dport 14958 counter redirect to :14956',
];
const ODD_PORTS = Array.from({ length: 17 }, (_, i) => 2 * i + 1).join();
const REDIRECT = "meta l4proto tcp counter redirect to :14956";

describe("inbound", () => {
  const rows: [string, Record<string, string>, string[]][] = [
    ["redirects everything but the sidecar's own ports and link-local addresses", {}, [...IN_PASS, REDIRECT]],
    [
      "redirects listed ports and ranges only",
      { INBOUND_INTERCEPT_PORTS: "80,8000:8080" },
      [
        ...IN_PASS,
        "tcp dport 80 counter redirect to :14956",
        "tcp dport 8000-8080 counter redirect to :14956",
      ],
    ],
    [
      "lets a share pass before it redirects",
      { NETRA_INBOUND_PROBABILITY: "0.25" },
      [...IN_PASS, "meta random >= 1073741824 return", REDIRECT],
    ],
    ["redirects nothing at probability 0", { NETRA_INBOUND_PROBABILITY: "0" }, NOTHING],
    [
      "redirects one connection in 2^32 at the smallest probability",
      { NETRA_INBOUND_PROBABILITY: "1e-300" },
      [...IN_PASS, "meta random >= 1 return", REDIRECT],
    ],
    [
      "redirects all at a probability that rounds to 1",
      { NETRA_INBOUND_PROBABILITY: "0.99999999999" },
      [...IN_PASS, REDIRECT],
    ],
    [
      "follows the ports of the sidecar",
      { NETRA_SIDECAR_PORT: "15001", NETRA_PPROF_PORT: "15002", NETRA_PROMETHEUS_PORT: "15003" },
      [
        "meta l4proto != tcp return",
        "tcp dport 15001 return",
        "tcp dport 15002 return",
        "tcp dport 15003 return",
        "ip6 daddr fe80::/10 return",
        "meta l4proto tcp counter redirect to :15001",
      ],
    ],
    [
      "names a port that serves two purposes once",
      { NETRA_PPROF_PORT: "14958" },
      [
        "meta l4proto != tcp return",
        "tcp dport 14956 return",
        "tcp dport 14958 return",
        "ip6 daddr fe80::/10 return",
        REDIRECT,
      ],
    ],
    [
      "skips what it is told to, in an order that does not depend on how lists are written",
      {
        SKIP_INTERFACES: "eth1,cni*",
        INBOUND_SKIP_CIDRS: "fd00::/8,10.0.0.0/8",
        INBOUND_SKIP_PORTS: "9000-9009,22",
        NETRA_INBOUND_PROBABILITY: "0.5",
      },
      [
        ...IN_PASS,
        'iifname "cni*" return',
        'iifname "eth1" return',
        "ip saddr 10.0.0.0/8 return",
        "ip6 saddr fd00::/8 return",
        "tcp dport 22 return",
        "tcp dport 9000-9009 return",
        "meta random >= 2147483648 return",
        REDIRECT,
      ],
    ],
    [
      "makes a long list of ports one rule",
      { INBOUND_SKIP_PORTS: ODD_PORTS, INBOUND_INTERCEPT_PORTS: ODD_PORTS },
      [
        ...IN_PASS,
        "tcp dport @inbound-skip-ports return",
        "tcp dport @inbound-ports counter redirect to :14956",
      ],
    ],
    [
      "does not heed outbound settings",
      {
        OUTBOUND_INTERCEPT_PORTS: "1",
        NETRA_OUTBOUND_PROBABILITY: "0",
        OUTBOUND_SKIP_PORTS: "2",
        OUTBOUND_SKIP_CIDRS: "10.0.0.0/8",
        OUTBOUND_SKIP_USER_PORTS: "1/1",
        NETRA_SKIP_SELF: "1",
      },
      [...IN_PASS, REDIRECT],
    ],
  ];
  test.each(rows)("%s", (_, env, expected) => {
    expect(rules("prerouting", env)).toEqual(expected);
  });
});

describe("outbound", () => {
  const rows: [string, Record<string, string>, string[]][] = [
    ["redirects everything but the sidecar, loopback and link-local addresses", {}, [...OUT_PASS, REDIRECT]],
    [
      "exempts lists and ranges of users and groups",
      { NETRA_SIDECAR_USER_ID: "1337,2000", NETRA_SIDECAR_GROUP_ID: "100-200" },
      [
        "meta l4proto != tcp return",
        "meta skuid 1337 return",
        "meta skuid 2000 return",
        "meta skgid 100-200 return",
        "ip daddr 127.0.0.0/8 return",
        "ip6 daddr ::1 return",
        "ip6 daddr fe80::/10 return",
        'oifname "lo" tcp dport 14958 counter redirect to :14956',
        REDIRECT,
      ],
    ],
    [
      "redirects listed ports only, also the sidecar's own port elsewhere",
      { OUTBOUND_INTERCEPT_PORTS: "14956" },
      [...OUT_PASS, "tcp dport 14956 counter redirect to :14956"],
    ],
    [
      "lets a share pass before it redirects",
      { NETRA_OUTBOUND_PROBABILITY: "0.5" },
      [...OUT_PASS, "meta random >= 2147483648 return", REDIRECT],
    ],
    [
      "skips what it is told to",
      {
        SKIP_INTERFACES: "lo",
        OUTBOUND_SKIP_CIDRS: "169.254.169.254",
        OUTBOUND_SKIP_PORTS: "22",
        OUTBOUND_SKIP_USER_PORTS: "1000-1999/5432",
        NETRA_SKIP_SELF: "true",
        INBOUND_SKIP_PORTS: "1",
      },
      [
        ...OUT_PASS,
        'oifname "lo" return',
        "ip daddr 169.254.169.254 return",
        "tcp dport 22 return",
        "meta skuid 1000-1999 tcp dport 5432 return",
        "fib daddr type local return",
        REDIRECT,
      ],
    ],
    ["redirects nothing at probability 0", { NETRA_OUTBOUND_PROBABILITY: "0" }, NOTHING],
  ];
  test.each(rows)("%s", (_, env, expected) => {
    expect(rules("output", env)).toEqual(expected);
  });
});

describe("on a host", () => {
  const IN_HOST = IN_PASS.toSpliced(1, 0, "fib daddr type != local return");
  const [OLDER, SSH] = ["tcp flags & syn == 0 return", "tcp dport 22 return"];
  const rows: [string, ChainName, Record<string, string>, string[]][] = [
    [
      "inbound, forwarded traffic, older connections and SSH pass",
      "prerouting",
      {},
      [...IN_HOST, OLDER, SSH, REDIRECT],
    ],
    ["outbound, older connections and SSH pass", "output", {}, [...OUT_PASS, OLDER, SSH, REDIRECT]],
    [
      "SSH is redirected where its port is listed",
      "prerouting",
      { INBOUND_INTERCEPT_PORTS: "20-25" },
      [...IN_HOST, OLDER, "tcp dport 20-25 counter redirect to :14956"],
    ],
    [
      "SSH is listed for each direction of its own",
      "output",
      { INBOUND_INTERCEPT_PORTS: "22", OUTBOUND_INTERCEPT_PORTS: "80" },
      [...OUT_PASS, OLDER, SSH, "tcp dport 80 counter redirect to :14956"],
    ],
  ];
  test.each(rows)("%s", (_, chain, env, expected) => {
    expect(rules(chain, env, "host")).toEqual(expected);
  });

  test("only strays that are addressed to the host are dropped", () => {
    expect(rules("strays", { NETRA_DROP_INVALID: "1" }, "host")).toEqual([
      "meta l4proto tcp ct state invalid fib daddr type local counter drop",
    ]);
  });

  test("the label is another one", () => {
    expect(plan({}, "host").label).not.toBe(plan({}, "pod").label);
  });
});

describe("on request", () => {
  test("strays are dropped, for all chains to come", () => {
    const { chains } = plan({ NETRA_DROP_INVALID: "1" });
    expect(chains.at(-1)).toMatchObject({
      name: "strays",
      type: "filter",
      hook: "prerouting",
      priority: -150,
    });
    expect(rules("strays", { NETRA_DROP_INVALID: "1" })).toEqual([
      "meta l4proto tcp ct state invalid counter drop",
    ]);
  });

  test("the sidecar's port is guarded", () => {
    const env = { NETRA_GUARD_PORT: "1", NETRA_SIDECAR_PORT: "15001" };
    expect(plan(env).chains.at(-1)).toMatchObject({
      name: "guard",
      type: "filter",
      hook: "input",
      priority: 0,
    });
    expect(rules("guard", env)).toEqual([
      "tcp dport 15001 ct status & dnat == 0 counter reject with tcp reset",
    ]);
  });
});

describe("a plan", () => {
  test("always has both chains and a redirect in each, so that connections in flight keep their address", () => {
    const none = plan({ NETRA_INBOUND_PROBABILITY: "0", NETRA_OUTBOUND_PROBABILITY: "0" });
    expect(none.chains.map((chain) => chain.name)).toEqual(["prerouting", "output"]);
    expect(none.rules.map(({ chain, action }) => [chain, action.kind])).toEqual([
      ["prerouting", "return"],
      ["prerouting", "redirect"],
      ["output", "return"],
      ["output", "redirect"],
    ]);
    expect(disabledPlan().rules.map(({ why, ...rule }) => rule)).toEqual(
      none.rules.map(({ why, ...rule }) => rule),
    );
  });

  test("gives every rule a reason that nft can carry as a comment", () => {
    const long = "fd00:1111:2222:3333:4444:5555:6666:7777";
    const extreme = plan(
      {
        INBOUND_INTERCEPT_PORTS: "10000-60000",
        INBOUND_SKIP_PORTS: ODD_PORTS,
        INBOUND_SKIP_CIDRS: long,
        OUTBOUND_SKIP_CIDRS: long,
        OUTBOUND_SKIP_USER_PORTS: "1000000000-4000000000/10000-60000",
        SKIP_INTERFACES: "fifteen-chars-x*",
        NETRA_SIDECAR_USER_ID: "1000000000-4000000000",
        NETRA_INBOUND_PROBABILITY: "0.12345678901234567890",
        NETRA_SKIP_SELF: "1",
        NETRA_DROP_INVALID: "1",
        NETRA_GUARD_PORT: "1",
      },
      "host",
    );
    for (const why of [...extreme.rules.map((rule) => rule.why), extreme.label]) {
      expect(why).toMatch(/^[^"\\\n]{5,127}$/);
    }
  });

  test("has a label that depends on the configuration and on nothing else", () => {
    expect(plan({}).label).toMatch(/^netramesh\/3 sha256=[0-9a-f]{64}$/);
    expect(plan({ NETRA_SIDECAR_PORT: "14956", HOME: "/" }).label).toBe(plan({}).label);
    expect(plan({ INBOUND_INTERCEPT_PORTS: "443,80" }).label).toBe(
      plan({ INBOUND_INTERCEPT_PORTS: "80,443" }).label,
    );
    expect(plan({ NETRA_PPROF_PORT: "1" }).label).not.toBe(plan({}).label);
  });
});

describe("the text of a plan", () => {
  test("replaces an older table, says which configuration it is, and why each rule is there", () => {
    const text = planText(plan({ NETRA_INBOUND_PROBABILITY: "0", OUTBOUND_INTERCEPT_PORTS: "80" }));
    expect(text.replace(/[0-9a-f]{64}/, "HASH")).toBe(`table inet netramesh
delete table inet netramesh
table inet netramesh {
  comment "netramesh/3 sha256=HASH"

  # inbound connections
  chain prerouting {
    type nat hook prerouting priority -101; policy accept;
    return comment "probability 0: none is redirected"
    meta l4proto tcp counter redirect to :14956 comment "out of reach: serves connections in flight"
  }

  # outbound connections
  chain output {
    type nat hook output priority -101; policy accept;
    meta l4proto != tcp return comment "only TCP is redirected"
    meta skuid 1337 return comment "the sidecar's own user: redirecting it would loop"
    meta skgid 1337 return comment "the sidecar's own group: redirecting it would loop"
    ip daddr 127.0.0.0/8 return comment "inside the pod, as is Docker's DNS at 127.0.0.11"
    ip6 daddr ::1 return comment "inside the pod"
    ip6 daddr fe80::/10 return comment "link-local: it cannot be dialled without its interface"
    oifname "lo" tcp dport 14958 counter redirect to :14956 comment "the sidecar tests so whether its user is exempt"
    tcp dport 80 counter redirect to :14956 comment "outbound port 80 goes to the sidecar"
  }
}
`);
  });
});
