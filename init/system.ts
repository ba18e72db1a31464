/** What init does to the machine, in one place, so that a test can put another machine in its stead. */
import { readFileSync, realpathSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { enterNamespace } from "../ffi/namespace.ts";
import { type KernelError, type Netlink, openNetlink, openRouteNetlink } from "../ffi/netlink.ts";
import { probe } from "../ffi/probe.ts";

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface System {
  /** The netfilter of the current network namespace. */
  readonly openNetlink: () => Netlink | KernelError;
  /** Its links and addresses. */
  readonly openRouteNetlink: () => Netlink | KernelError;
  /** Moves this process into the network namespace of a file; an error number, or null. */
  readonly enterNamespace: (path: string) => number | null;
  /** The path of a program, or null. */
  readonly which: (program: string) => string | null;
  /** Runs a program to its end. */
  readonly run: (argv: readonly string[], stdin: string) => Ended;
  /** The text of a file of /proc; empty if there is none. */
  readonly readProc: (path: string) => string;
  readonly probe: typeof probe;
  /** Does nothing for a while. */
  readonly pause: (ms: number) => void;
  /** The file behind a path. */
  readonly realPath: (path: string) => string;
  /** The addresses of the current network namespace by which others reach it. */
  readonly addresses: () => readonly string[];
  /** Who this process runs as. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** This machine. */
export const linux: System = {
  openNetlink,
  openRouteNetlink,
  enterNamespace,
  which: (program) => Bun.which(program),
  run(argv, stdin) {
    const ended = Bun.spawnSync([...argv], { stdin: Buffer.from(stdin), stdout: "pipe", stderr: "pipe" });
    return { code: ended.exitCode, out: `${ended.stdout}`, err: `${ended.stderr}`.trim() };
  },
  readProc(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  },
  probe,
  pause: Bun.sleepSync,
  realPath: realpathSync,
  addresses() {
    const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    return all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
  },
  owner: { uid: process.getuid!(), gid: process.getgid!() },
};
