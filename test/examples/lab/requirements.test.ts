import { expect, test } from "bun:test";
import { type Machine, requirements } from "../../../examples/lab/requirements.ts";

function machine(changes: Partial<Machine>): Machine {
  return { platform: "linux", uid: 0, which: (program) => program, complaint: () => "", ...changes };
}

const ANSWERS: [string, Partial<Machine>, string[]][] = [
  ["nothing", {}, []],
  ["Linux", { platform: "darwin", which: () => null }, ["Linux: network namespaces do not exist on darwin"]],
  ["root", { uid: 1000 }, ["root: network namespaces need it, and this is user 1000"]],
  ["setpriv", { which: (p) => (p === "setpriv" ? null : p) }, ["the program setpriv (package util-linux)"]],
  [
    "root and ip",
    { uid: 7, which: (p) => (p === "ip" ? null : p) },
    [
      "root: network namespaces need it, and this is user 7",
      "the program ip (package iproute2, on Fedora iproute)",
    ],
  ],
  [
    "the right to make namespaces",
    { complaint: () => "unshare: Operation not permitted" },
    [
      "the right to make network namespaces (in a container: run it privileged): unshare: Operation not permitted",
    ],
  ],
];

test.each(ANSWERS)("says when %s is missing", (_label, changes, missing) => {
  expect(requirements(machine(changes))).toEqual(missing);
});
