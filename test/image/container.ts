/** Containers as a container engine makes them of an image, run by runc in the network of a pod. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";
import { eventually } from "../e2e/harness.ts";
import type { ImageConfig } from "./archive.ts";

export interface ContainerOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the image's user. */
  readonly uid?: number;
  /** All others are dropped. */
  readonly capabilities?: readonly string[];
}

/** Images of one root file system; removes what its containers leave behind. */
export class Engine {
  readonly #folder = mkdtempSync(join(tmpdir(), "netramesh-runc-"));
  readonly #containers: Container[] = [];

  constructor(
    readonly rootfs: string,
    readonly config: ImageConfig,
  ) {}

  /** Starts a container in the pod's network: read-only root, no new privileges, no capability but those given. */
  start(pod: Pod, options: ContainerOptions): Container {
    const id = `netramesh-${process.pid}-${this.#containers.length}`;
    const bundle = join(this.#folder, id);
    mkdirSync(bundle);
    writeFileSync(join(bundle, "config.json"), JSON.stringify(this.#specification(pod, options)));
    const container = new Container(id, bundle, join(this.#folder, "state"));
    this.#containers.push(container);
    return container;
  }

  /** https://github.com/opencontainers/runtime-spec/blob/main/config.md */
  #specification(pod: Pod, { args, env = {}, uid, capabilities = [] }: ContainerOptions) {
    const { Entrypoint, Env, User } = this.config.config;
    const [imageUid, imageGid] = User.split(":").map(Number);
    const sets = ["bounding", "effective", "permitted"].map((set) => [set, capabilities]);
    return {
      ociVersion: "1.0.2",
      process: {
        user: { uid: uid ?? imageUid, gid: uid ?? imageGid },
        args: [...Entrypoint, ...args],
        env: [...Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
        cwd: "/",
        capabilities: Object.fromEntries(sets),
        noNewPrivileges: true,
      },
      root: { path: this.rootfs, readonly: true },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc" },
        { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      ],
      linux: {
        namespaces: [
          ...["pid", "mount", "ipc", "uts"].map((type) => ({ type })),
          { type: "network", path: `/run/netns/${pod.namespace}` },
        ],
      },
    };
  }

  close(): void {
    for (const container of this.#containers) container.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Container {
  #log = "";
  readonly #process: Bun.Subprocess<"ignore", "ignore", "pipe">;

  constructor(
    readonly id: string,
    bundle: string,
    readonly state: string,
  ) {
    const command = this.#runc("run", "--bundle", bundle, id);
    this.#process = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
    this.#collectLog();
  }

  async #collectLog(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stderr) this.#log += decoder.decode(bytes, { stream: true });
  }

  #runc(...args: string[]): string[] {
    return ["runc", "--root", this.state, ...args];
  }

  get log(): string {
    return this.#log;
  }

  /** Its exit code, once it has ended. */
  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** Resolves when a line that it logged matches. */
  logged(pattern: RegExp): Promise<void> {
    return eventually(
      () => pattern.test(this.#log),
      () => `no log line ${pattern} in\n${this.#log}`,
    );
  }

  /** What the kernel says of its process, from a file in /proc. */
  proc(file: "status" | "mountinfo"): string {
    const { pid } = JSON.parse(Bun.spawnSync(this.#runc("state", this.id)).stdout.toString());
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  }

  signal(signal: string): void {
    Bun.spawnSync(this.#runc("kill", this.id, signal));
  }

  /** Whether it runs or not. */
  remove(): void {
    Bun.spawnSync(this.#runc("delete", "--force", this.id));
  }
}
