/**
 * Pods with two users in them need root, or a user namespace that has more than one user. The second takes the
 * setuid programs newuidmap and newgidmap and a range of subordinate ids: one id alone cannot tell a sidecar from
 * its application, and a demo without that would not be this demo.
 */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Machine, missingPrograms, requirements, thisMachine } from "../lab/requirements.ts";

/** What the machine says about the user who runs the demo. */
export interface UserMachine extends Machine {
  userName(): string;
  /** A file's text, empty if there is none. */
  read(path: string): string;
  /** Tells the user what is being done to the machine. */
  say(line: string): void;
}

/** Maps root and every subordinate id. The machine's network stays in sight, for an agent that listens there. */
const UNSHARE = ["unshare", "--map-root-user", "--map-auto", "--mount"];
// `ip netns` keeps its names below /run, which belongs to the real root.
const HIDE_RUN_THEN = 'mount -t tmpfs tmpfs /run && exec "$@"';
const HIGHEST_UID = 1337;

const thisUser: UserMachine = {
  ...thisMachine,
  userName: () => userInfo().username,
  read: readOrEmpty,
  say: (line) => void process.stderr.write(`${line}\n`),
};

export function isRoot(): boolean {
  return thisUser.uid === 0;
}

/** What keeps the demo from running here, in plain words, one item each. As root, it installs a missing `ip`. */
export function obstacles(machine: UserMachine = thisUser): string[] {
  if (machine.platform !== "linux") return requirements(machine);
  if (machine.uid !== 0) return [...missingPrograms(machine), ...userNamespaceObstacles(machine)];
  if (machine.which("ip") === null && machine.which("apt-get") !== null) installIp(machine);
  return requirements(machine);
}

function installIp(machine: UserMachine): void {
  machine.say("The program ip is missing: installing the Debian package iproute2");
  machine.complaint(["apt-get", "update", "-qq"]);
  const install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "iproute2"];
  const complaint = machine.complaint(install);
  if (complaint !== "") machine.say(complaint);
}

function userNamespaceObstacles(machine: UserMachine): string[] {
  const missing = ["newuidmap", "newgidmap"]
    .filter((program) => machine.which(program) === null)
    .map((program) => `root, or else the program ${program} (Debian: package uidmap)`);
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    if (subordinateIds(machine.read(file), machine) < HIGHEST_UID) {
      missing.push(
        `root, or else a range of at least ${HIGHEST_UID} ids for ${machine.userName()} in ${file}`,
      );
    }
  }
  return missing.length > 0 ? missing : refusedUserNamespace(machine);
}

/** The length of the user's longest range; a line of `table` is `name or uid:first:count` (subuid(5)). */
function subordinateIds(table: string, machine: UserMachine): number {
  const owners = [machine.userName(), String(machine.uid)];
  const lines = table.split("\n").map((line) => line.split(":"));
  return Math.max(
    0,
    ...lines.filter(([owner]) => owners.includes(owner!)).map(([, , count]) => Number(count)),
  );
}

function refusedUserNamespace(machine: UserMachine): string[] {
  const complaint = machine.complaint([...UNSHARE, "true"]);
  return complaint === "" ? [] : [`root, or else user namespaces, which this machine refuses: ${complaint}`];
}

/** Runs `command` as the root of a new user namespace. Resolves to its exit code. */
export async function runInUserNamespace(command: readonly string[]): Promise<number> {
  const child = Bun.spawn([...UNSHARE, "/bin/sh", "-c", HIDE_RUN_THEN, "sh", ...command], {
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return child.exited;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
