/**
 * The same pods twice: in the plain world nothing is between them, in the meshed one each has its sidecar. Both
 * worlds use the same addresses, so a program gets the same command line in both and has to see the same things.
 */
import { expect } from "bun:test";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../../examples/lab/namespaces.ts";
import type { Pod } from "../../../examples/lab/pod.ts";
import { Agent } from "../agent.ts";
import { openLab, type Sidecar, startMeshed } from "../harness.ts";
import { PROGRAMS } from "./programs.ts";
import { SOFTWARE } from "./software.ts";

/** Pods named by the test, and a directory for their software. */
export interface World {
  readonly pods: Readonly<Record<string, Pod>>;
  readonly dir: string;
}

const missing = Object.keys(PROGRAMS).filter((program) => Bun.which(program) === null);

export class Worlds {
  private constructor(
    readonly plain: World,
    readonly meshed: World,
    readonly agent: Agent,
    /** By the name of their pod. */
    readonly sidecars: Readonly<Record<string, Sidecar>>,
    readonly labs: readonly Lab[],
  ) {}

  /** Both worlds with pods of these names, whose sidecars understand these ports as HTTP and trace everything. */
  static async open(
    name: string,
    podNames: readonly string[],
    httpPorts: readonly number[],
  ): Promise<Worlds> {
    if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
    const labs = ["plain", "meshed"].map((world) => openLab(`software-${name}-${world}`));
    const [plain, meshed] = labs.map((lab) => createWorld(lab, podNames));
    const agent = await Agent.start(labs[1]!.pod("agent"));
    const env = { ...agent.env, NETRA_HTTP_PORTS: httpPorts.join(), NETRA_LOGGER_LEVEL: "debug" };
    const start = async (pod: string) => [pod, await startMeshed(meshed!.pods[pod]!, { name: pod, env })];
    const sidecars = Object.fromEntries(await Promise.all(podNames.map(start)));
    return new Worlds(plain!, meshed!, agent, sidecars, labs);
  }

  get both(): readonly World[] {
    return [this.plain, this.meshed];
  }

  /** Does the same in both worlds, at the same time. What comes out has to be the same; it is returned. */
  async same<T>(act: (world: World) => Promise<T>): Promise<T> {
    const [plain, meshed] = await Promise.all(this.both.map(act));
    expect(meshed).toEqual(plain!);
    return plain!;
  }

  /** Why each sidecar, by the name of its pod, gave up reading connections to `port`; each reason once. */
  whyUnread(port: number): Record<string, string[]> {
    const line = new RegExp(`port ${port}\\) is relayed unread: (\\S+)`, "g");
    const reasons = ({ log }: Sidecar) => [...new Set([...log.matchAll(line)].map(([, reason]) => reason!))];
    return Object.fromEntries(
      Object.entries(this.sidecars).map(([name, sidecar]) => [name, reasons(sidecar)]),
    );
  }

  close(): void {
    for (const lab of this.labs) lab.close();
    for (const { dir } of this.both) removeDir(dir);
  }
}

function createWorld(lab: Lab, podNames: readonly string[]): World {
  return { dir: createDir(), pods: Object.fromEntries(podNames.map((name) => [name, lab.pod(name)])) };
}

const dirs = new Set<string>();
process.on("exit", () => dirs.forEach(removeDir));

function createDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "netra-software-"));
  dirs.add(dir);
  chownSync(dir, SOFTWARE.uid, SOFTWARE.gid);
  return dir;
}

function removeDir(dir: string): void {
  dirs.delete(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
