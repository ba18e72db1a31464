import { requirements } from "../examples/lab/requirements.ts";

const PROGRAMS = ["nginx", "haproxy", "wrk"];

/** What is missing on this machine, in plain words; empty if nothing is. Debian packages have the programs' names. */
export function missing(which: (program: string) => string | null = Bun.which): string[] {
  const programs = PROGRAMS.filter((program) => which(program) === null);
  return [
    ...requirements(),
    ...programs.map((name) => `the program ${name} (Debian: apt-get install ${name})`),
  ];
}
