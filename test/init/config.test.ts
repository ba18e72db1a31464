import { describe, expect, test } from "bun:test";
import { formatProblem, type InitConfig, parseBackendChoice, parseInitConfig } from "../../init/config.ts";
import { literalNetwork } from "../../init/network.ts";

const DEFAULTS: InitConfig = {
  sidecarPort: 14956,
  pprofPort: 14957,
  prometheusPort: 14958,
  userIds: [{ first: 1337, last: 1337 }],
  groupIds: [{ first: 1337, last: 1337 }],
  inboundPorts: null,
  outboundPorts: null,
  inboundProbability: 1,
  outboundProbability: 1,
  inboundSkipPorts: [],
  outboundSkipPorts: [],
  outboundSkipUserPorts: [],
  inboundSkipNetworks: [],
  outboundSkipNetworks: [],
  skipInterfaces: [],
  skipSelf: false,
  dropInvalid: false,
  guardPort: false,
};

type Env = Record<string, string>;

function accepted(env: Env) {
  const parsed = parseInitConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed;
}

function problems(env: Env): string[] {
  const parsed = parseInitConfig(env);
  return "problems" in parsed ? parsed.problems.map(formatProblem) : [];
}

const VARIABLES = [
  "NETRA_SIDECAR_PORT",
  "NETRA_SIDECAR_USER_ID",
  "NETRA_SIDECAR_GROUP_ID",
  "INBOUND_INTERCEPT_PORTS",
  "OUTBOUND_INTERCEPT_PORTS",
  "NETRA_INBOUND_PROBABILITY",
  "NETRA_OUTBOUND_PROBABILITY",
  "NETRA_PORT",
  "NETRA_PPROF_PORT",
  "NETRA_PROMETHEUS_PORT",
  "INBOUND_SKIP_PORTS",
  "OUTBOUND_SKIP_PORTS",
  "OUTBOUND_SKIP_USER_PORTS",
  "INBOUND_SKIP_CIDRS",
  "OUTBOUND_SKIP_CIDRS",
  "NETRA_SKIP_SELF",
  "NETRA_DROP_INVALID",
  "NETRA_GUARD_PORT",
  "NETRA_BACKEND",
];
/** Any word is the name of an interface. */
const NAMES = ["SKIP_INTERFACES"];

describe("the defaults", () => {
  test("hold when nothing is set", () => {
    expect(accepted({})).toEqual({ config: DEFAULTS, choice: "auto", warnings: [] });
  });

  test.each(["", "  "])("hold for variables set to %p", (value) => {
    expect(
      accepted(Object.fromEntries([...VARIABLES, ...NAMES].map((name) => [name, value]))).config,
    ).toEqual(DEFAULTS);
  });

  test("cannot be changed afterwards", () => {
    expect(Object.isFrozen(accepted({}).config)).toBe(true);
  });
});

const one = (port: number) => ({ first: port, last: port });

describe("a value is understood", () => {
  const rows: [string, string, Partial<InitConfig>][] = [
    ["NETRA_SIDECAR_PORT", "15001", { sidecarPort: 15001 }],
    ["NETRA_SIDECAR_PORT", " 15001 ", { sidecarPort: 15001 }],
    ["NETRA_PORT", "15001", { sidecarPort: 15001 }],
    ["NETRA_PPROF_PORT", "1", { pprofPort: 1 }],
    ["NETRA_PROMETHEUS_PORT", "65535", { prometheusPort: 65535 }],
    ["NETRA_SIDECAR_USER_ID", "0", { userIds: [one(0)] }],
    ["NETRA_SIDECAR_USER_ID", "4294967294", { userIds: [one(4294967294)] }],
    [
      "NETRA_SIDECAR_USER_ID",
      "2000, 1337,101-103",
      { userIds: [{ first: 101, last: 103 }, one(1337), one(2000)] },
    ],
    ["NETRA_SIDECAR_GROUP_ID", "1000-1999", { groupIds: [{ first: 1000, last: 1999 }] }],
    ["INBOUND_INTERCEPT_PORTS", "*", { inboundPorts: null }],
    ["INBOUND_INTERCEPT_PORTS", "80", { inboundPorts: [one(80)] }],
    ["INBOUND_INTERCEPT_PORTS", " 443, 80 ,", { inboundPorts: [one(80), one(443)] }],
    ["INBOUND_INTERCEPT_PORTS", "8000:8080", { inboundPorts: [{ first: 8000, last: 8080 }] }],
    ["INBOUND_INTERCEPT_PORTS", "8000-8080", { inboundPorts: [{ first: 8000, last: 8080 }] }],
    ["INBOUND_INTERCEPT_PORTS", "http,https", { inboundPorts: [one(80), one(443)] }],
    ["INBOUND_INTERCEPT_PORTS", "http:https", { inboundPorts: [{ first: 80, last: 443 }] }],
    ["INBOUND_INTERCEPT_PORTS", "9000:", { inboundPorts: [{ first: 9000, last: 65535 }] }],
    ["INBOUND_INTERCEPT_PORTS", ":1023", { inboundPorts: [{ first: 1, last: 1023 }] }],
    ["OUTBOUND_INTERCEPT_PORTS", "1:65535", { outboundPorts: [{ first: 1, last: 65535 }] }],
    ["OUTBOUND_INTERCEPT_PORTS", "80,80,81", { outboundPorts: [{ first: 80, last: 81 }] }],
    ["OUTBOUND_INTERCEPT_PORTS", "80-90,85-100,200", { outboundPorts: [{ first: 80, last: 100 }, one(200)] }],
    ["OUTBOUND_INTERCEPT_PORTS", "1-100,20-30", { outboundPorts: [{ first: 1, last: 100 }] }],
    ["NETRA_INBOUND_PROBABILITY", "0", { inboundProbability: 0 }],
    ["NETRA_INBOUND_PROBABILITY", ".25", { inboundProbability: 0.25 }],
    ["NETRA_OUTBOUND_PROBABILITY", "1.0", { outboundProbability: 1 }],
    ["NETRA_OUTBOUND_PROBABILITY", "1e-3", { outboundProbability: 0.001 }],
    [
      "INBOUND_SKIP_PORTS",
      "22, 9000-9009,9010",
      { inboundSkipPorts: [one(22), { first: 9000, last: 9010 }] },
    ],
    ["OUTBOUND_SKIP_PORTS", "https", { outboundSkipPorts: [one(443)] }],
    [
      "OUTBOUND_SKIP_USER_PORTS",
      "1000/5432",
      { outboundSkipUserPorts: [{ users: one(1000), ports: one(5432) }] },
    ],
    [
      "OUTBOUND_SKIP_USER_PORTS",
      "5-9/1:3,0/http,5-9/1:3",
      {
        outboundSkipUserPorts: [
          { users: one(0), ports: one(80) },
          { users: { first: 5, last: 9 }, ports: { first: 1, last: 3 } },
        ],
      },
    ],
    ["INBOUND_SKIP_CIDRS", "10.0.0.0/8", { inboundSkipNetworks: [literalNetwork("10.0.0.0/8")] }],
    [
      "OUTBOUND_SKIP_CIDRS",
      "fd00::/8, 169.254.169.254,FD00:0::0/8,0.0.0.0/0",
      { outboundSkipNetworks: ["0.0.0.0/0", "169.254.169.254", "fd00::/8"].map(literalNetwork) },
    ],
    [
      "SKIP_INTERFACES",
      "eth1,cni*,br-0.7",
      {
        skipInterfaces: [
          { text: "br-0.7", isPrefix: false },
          { text: "cni", isPrefix: true },
          { text: "eth1", isPrefix: false },
        ],
      },
    ],
    ["NETRA_SKIP_SELF", "1", { skipSelf: true }],
    ["NETRA_SKIP_SELF", "false", { skipSelf: false }],
    ["NETRA_DROP_INVALID", "true", { dropInvalid: true }],
    ["NETRA_GUARD_PORT", "T", { guardPort: true }],
  ];
  test.each(rows)("%s=%p", (variable, value, expected) => {
    expect(accepted({ [variable]: value }).config).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe("a wrong value is refused with what would be right", () => {
  const wrongPorts = ["0", "65536", "-1", "80.5", "abc", "80 81", "0x50", "1e3", "*"].map(String);
  const wrongIds = ["-1", "4294967295", "root", "1-", "-5", "9-1", "1-2-3", "1:2", ",", "*", "1.5"];
  const wrongSelections = [
    "0",
    "65536",
    "90-80",
    "all",
    "80,*",
    "80-",
    "-80",
    ":",
    "-",
    "1-2-3",
    "ssh",
    "!80",
    ",",
    "0:80",
    "80-65536",
  ];
  const wrongNetworks = [
    "10.0.0.1/8",
    "10.0.0.0/33",
    "fd00::1/64",
    "::/129",
    "10.0.0",
    "host",
    "1.2.3.4/",
    "/8",
    "1.2.3.4/-1",
    "a",
    "010.0.0.1",
    "10.00.0.0/16",
    "::ffff:10.0.0.1",
    "::ffff:a00:0/104",
  ];
  const wrongInterfaces = ["*", "eth0/1", "a-name-too-long1", "eth+", "et*h", "eth 1", 'eth"'];
  const wrongUserPorts = ["1000", "/80", "1000/", "1000/80/1", "root/80", "1/0", "*/80", "2-1/80", "80:90/1"];
  const wrongSwitches = ["yes", "on", "2", "TruE"];
  const wrongShares = ["1.5", "-0.1", "NaN", "Infinity", "half", "50%", "0,5", "1 1"];
  const rows: [string, string, string][] = [
    ...["NETRA_SIDECAR_PORT", "NETRA_PORT", "NETRA_PPROF_PORT", "NETRA_PROMETHEUS_PORT"].flatMap((name) =>
      wrongPorts.map((value): [string, string, string] => [name, value, "a port from 1 to 65535"]),
    ),
    ...["NETRA_SIDECAR_USER_ID", "NETRA_SIDECAR_GROUP_ID"].flatMap((name) =>
      wrongIds.map((value): [string, string, string] => [name, value, "a comma-separated list"]),
    ),
    ...["INBOUND_INTERCEPT_PORTS", "OUTBOUND_INTERCEPT_PORTS"].flatMap((name) =>
      wrongSelections.map((value): [string, string, string] => [name, value, "* or a comma-separated list"]),
    ),
    ...["INBOUND_SKIP_PORTS", "OUTBOUND_SKIP_PORTS"].flatMap((name) =>
      [...wrongSelections, "*"].map((value): [string, string, string] => [
        name,
        value,
        "a comma-separated list",
      ]),
    ),
    ...["INBOUND_SKIP_CIDRS", "OUTBOUND_SKIP_CIDRS"].flatMap((name) =>
      wrongNetworks.map((value): [string, string, string] => [
        name,
        value,
        "a comma-separated list, each item an address or a network without host bits",
      ]),
    ),
    ...wrongInterfaces.map((value): [string, string, string] => [
      "SKIP_INTERFACES",
      value,
      "a comma-separated list, each item the name of a network interface",
    ]),
    ...wrongUserPorts.map((value): [string, string, string] => [
      "OUTBOUND_SKIP_USER_PORTS",
      value,
      "a comma-separated list, each item USER/PORT",
    ]),
    ...["NETRA_SKIP_SELF", "NETRA_DROP_INVALID", "NETRA_GUARD_PORT"].flatMap((name) =>
      wrongSwitches.map((value): [string, string, string] => [name, value, "true or false"]),
    ),
    ...["NETRA_INBOUND_PROBABILITY", "NETRA_OUTBOUND_PROBABILITY"].flatMap((name) =>
      wrongShares.map((value): [string, string, string] => [name, value, "a number from 0 to 1"]),
    ),
  ];
  test.each(rows)("%s=%p", (name, value, expected) => {
    expect(problems({ [name]: value })).toEqual([
      expect.stringContaining(`${name} is ${JSON.stringify(value)}: it must be ${expected}`),
    ]);
  });

  test("and all of them at once", () => {
    expect(problems(Object.fromEntries(VARIABLES.map((name) => [name, "wrong"])))).toHaveLength(
      VARIABLES.length,
    );
  });
});

describe("NETRA_PORT beside NETRA_SIDECAR_PORT", () => {
  test("warns if they differ, and the latter wins", () => {
    const { config, warnings } = accepted({ NETRA_PORT: "1111", NETRA_SIDECAR_PORT: "2222" });
    expect(config.sidecarPort).toBe(2222);
    expect(warnings).toEqual([expect.stringMatching(/NETRA_PORT is 1111 but NETRA_SIDECAR_PORT is 2222/)]);
  });

  test.each([
    ["both are the same", { NETRA_PORT: "1111", NETRA_SIDECAR_PORT: "1111" }],
    ["only NETRA_PORT is set", { NETRA_PORT: "1111" }],
    ["only NETRA_SIDECAR_PORT is set", { NETRA_SIDECAR_PORT: "1111" }],
    ["one is empty", { NETRA_PORT: "1111", NETRA_SIDECAR_PORT: "" }],
  ])("does not warn if %s", (_, env) => {
    expect(accepted(env).warnings).toEqual([]);
  });
});

describe("NETRA_BACKEND", () => {
  test.each([
    [undefined, "auto"],
    ["", "auto"],
    ["nft", "nft"],
    [" IPTables ", "iptables"],
  ])("%p means %s", (value, expected) => {
    expect(parseBackendChoice({ NETRA_BACKEND: value })).toBe(expected as "auto");
  });

  test("is refused with what would be right", () => {
    expect(parseBackendChoice({ NETRA_BACKEND: "ebpf" })).toEqual({
      variable: "NETRA_BACKEND",
      value: "ebpf",
      expected: "one of auto, nft, iptables",
    });
  });
});
