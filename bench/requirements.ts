import { existsSync } from "node:fs";
import { requirements } from "../examples/lab/requirements.ts";
import { STREAM_MODULE } from "./stage/nginx-proxy.ts";

const PROGRAMS = {
  nginx: "nginx",
  haproxy: "haproxy",
  wrk: "wrk",
  taskset: "util-linux",
  chrt: "util-linux",
};

/** What is missing on this machine, in plain words; empty if nothing is. */
export function missing(
  which: (program: string) => string | null = Bun.which,
  exists: (path: string) => boolean = existsSync,
): string[] {
  const programs = Object.entries(PROGRAMS).filter(([program]) => which(program) === null);
  const lacking = programs.map(([program, name]) => `the program ${program} (${debian(name)})`);
  const stream = exists(STREAM_MODULE) ? [] : [`nginx's stream module (${debian("libnginx-mod-stream")})`];
  return [...requirements(), ...lacking, ...stream];
}

function debian(name: string): string {
  return `Debian: apt-get install ${name}`;
}
