/** What the machine has of the things a lab needs; injected, so that every answer can be tested. */
export interface Machine {
  readonly platform: string;
  readonly uid: number;
  /** The path of a program, or null. */
  which(program: string): string | null;
  /** Runs `command` and says what was wrong with it, in its own words; empty if it worked. */
  complaint(command: readonly string[]): string;
}

const PROGRAMS = {
  ip: "the program ip (package iproute2, on Fedora iproute)",
  setpriv: "the program setpriv (package util-linux)",
  unshare: "the program unshare (package util-linux)",
  mount: "the program mount (package mount or util-linux)",
};

/** The machine this runs on. */
export const thisMachine: Machine = {
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  which: Bun.which,
  complaint(command) {
    const { exitCode, stderr } = Bun.spawnSync([...command]);
    return exitCode === 0 ? "" : stderr.toString().trim() || `exit code ${exitCode}`;
  },
};

/** What is missing for a lab on this machine, in plain words, one item each; empty if nothing is. */
export function requirements(machine: Machine = thisMachine): string[] {
  if (machine.platform !== "linux") {
    return [`Linux: network namespaces do not exist on ${machine.platform}`];
  }
  const programs = missingPrograms(machine);
  if (machine.uid !== 0) {
    return [`root: network namespaces need it, and this is user ${machine.uid}`, ...programs];
  }
  return programs.length > 0 ? programs : missingRight(machine);
}

/** The programs a lab calls and the machine does not have. */
export function missingPrograms(machine: Machine): string[] {
  return Object.entries(PROGRAMS).flatMap(([program, need]) =>
    machine.which(program) === null ? [need] : [],
  );
}

/** The root of a container may not make namespaces unless somebody let it. */
function missingRight(machine: Machine): string[] {
  const complaint = machine.complaint(["unshare", "--net", "--mount", "true"]);
  if (complaint === "") return [];
  return [`the right to make network namespaces (in a container: run it privileged): ${complaint}`];
}
