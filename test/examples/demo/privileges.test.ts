import { expect, test } from "bun:test";
import { obstacles, type UserMachine } from "../../../examples/demo/privileges.ts";

const RANGE = "ann:100000:65536\n";

/** A machine on which everything is right for user 1000, but for `changes`; `lacks` are programs it has not. */
function machine(changes: Partial<UserMachine> & { readonly lacks?: string[] } = {}): UserMachine {
  const { lacks = [], ...own } = changes;
  return {
    ...{ platform: "linux", uid: 1000, userName: () => "ann", read: () => RANGE },
    which: (program) => (lacks.includes(program) ? null : `/usr/bin/${program}`),
    complaint: () => "",
    say: () => undefined,
    ...own,
  };
}

const NO_RANGE = "root, or else a range of at least 1337 ids for ann in";

const ANSWERS: [string, UserMachine, string[]][] = [
  ["root who has everything", machine({ uid: 0 }), []],
  ["root, who needs no subordinate ids", machine({ uid: 0, read: () => "", lacks: ["newuidmap"] }), []],
  ["a user with subordinate ids", machine(), []],
  ["a user whose range is under the number", machine({ read: () => "1000:100000:65536" }), []],
  [
    "a user without newuidmap",
    machine({ lacks: ["newuidmap"] }),
    ["root, or else the program newuidmap (Debian: package uidmap)"],
  ],
  [
    "a user without newgidmap",
    machine({ lacks: ["newgidmap"] }),
    ["root, or else the program newgidmap (Debian: package uidmap)"],
  ],
  [
    "a user without a range",
    machine({ read: () => "" }),
    [`${NO_RANGE} /etc/subuid`, `${NO_RANGE} /etc/subgid`],
  ],
  [
    "a user whose range is too short",
    machine({ read: (path) => (path === "/etc/subuid" ? "ann:1:1336" : RANGE) }),
    [`${NO_RANGE} /etc/subuid`],
  ],
  [
    "a user when only others have ranges",
    machine({ read: () => "anna:1:65536\n10000:1:65536" }),
    [`${NO_RANGE} /etc/subuid`, `${NO_RANGE} /etc/subgid`],
  ],
  ["a user without ip", machine({ lacks: ["ip"] }), ["the program ip (package iproute2, on Fedora iproute)"]],
  [
    "a user where user namespaces are off",
    machine({ complaint: () => "unshare failed: Operation not permitted" }),
    ["root, or else user namespaces, which this machine refuses: unshare failed: Operation not permitted"],
  ],
  ["another system", machine({ platform: "darwin" }), ["Linux: network namespaces do not exist on darwin"]],
];

test.each(ANSWERS)("says what is missing to %s", (_label, where, missing) => {
  expect(obstacles(where)).toEqual(missing);
});

test("root without ip gets it from apt-get, and is told", () => {
  const lacks = ["ip"];
  const said: string[] = [];
  const complaint = (command: readonly string[]) => {
    if (command.includes("iproute2")) lacks.pop();
    return "";
  };
  const missing = obstacles(machine({ uid: 0, lacks, complaint, say: (line) => said.push(line) }));
  expect(missing).toEqual([]);
  expect(said).toEqual(["The program ip is missing: installing the Debian package iproute2"]);
});

test("root is told why the installation failed, and what to install", () => {
  const said: string[] = [];
  const complaint = (command: readonly string[]) => (command.includes("iproute2") ? "E: no network" : "");
  const missing = obstacles(machine({ uid: 0, lacks: ["ip"], complaint, say: (line) => said.push(line) }));
  expect(missing).toEqual(["the program ip (package iproute2, on Fedora iproute)"]);
  expect(said).toContain("E: no network");
});

test("nothing is installed where there is no apt-get, nor for a user", () => {
  const ran: string[] = [];
  const complaint = (command: readonly string[]) => {
    ran.push(command[0]!);
    return "";
  };
  obstacles(machine({ uid: 0, lacks: ["ip", "apt-get"], complaint }));
  obstacles(machine({ uid: 1000, lacks: ["ip"], complaint }));
  expect(ran).not.toContain("apt-get");
});
