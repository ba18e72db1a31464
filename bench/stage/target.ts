import type { Pod, SpawnOptions } from "../../examples/lab/pod.ts";
import { type CpuTime, cpuTime, type Memory, memory } from "../process.ts";

/** How a proxy process is started. */
export interface Launch {
  readonly command: readonly string[];
  /** Its user and environment. */
  readonly options: Pick<SpawnOptions, "uid" | "gid" | "env">;
  /** Where it listens once it is ready. */
  readonly port: number;
}

/** What a target does with the bytes: nothing stands between, or a proxy that reads HTTP, or one that does not. */
export type Kind = "direct" | "tcp" | "http";

/** One way to reach nginx. */
export interface TargetPlan {
  readonly name: string;
  readonly kind: Kind;
  /** The target whose figures this one's are divided by. */
  readonly reference: string | null;
  /** Where clients connect. */
  readonly port: number;
  /** Whose rules redirect connections to nginx to which port of the proxy, if they are. */
  readonly redirect: { readonly binary: string; readonly port: number } | null;
  /** How to start the proxy, its files in `directory`; null if there is none. */
  launch(directory: string): Launch | null;
}

/** A pod with nginx and, in all but one of them, a proxy before it. */
export class Target {
  readonly launch: Launch | null;
  #proxy: Bun.Subprocess | null = null;

  constructor(
    readonly plan: TargetPlan,
    readonly pod: Pod,
    readonly nginx: Bun.Subprocess,
    directory: string,
  ) {
    this.launch = plan.launch(directory);
  }

  get name(): string {
    return this.plan.name;
  }

  get hasProxy(): boolean {
    return this.launch !== null;
  }

  /** The proxy's process. Throws if there is no proxy, or if it died. */
  get pid(): number {
    if (this.#proxy === null) throw new Error(`${this.name} has no proxy`);
    if (this.#proxy.exitCode !== null) throw new Error(`${this.name}: the proxy died`);
    return this.#proxy.pid;
  }

  url(path = "/"): string {
    return `http://${this.pod.ip4}:${this.plan.port}${path}`;
  }

  /** A new proxy process in place of the one there was; resolves when it listens. Throws if it does not. */
  async restart(): Promise<void> {
    await this.stop();
    if (this.launch === null) return;
    const { command, options, port } = this.launch;
    this.#proxy = this.pod.spawn(command, { ...options, stdout: "ignore", stderr: "inherit" });
    await this.pod.waitForPort(port).catch(({ message }: Error) => {
      throw new Error(`${this.name} does not start: ${message}`);
    });
  }

  /** Ends the proxy, if there is one. */
  async stop(): Promise<void> {
    this.#proxy?.kill("SIGKILL");
    await this.#proxy?.exited;
    this.#proxy = null;
  }

  /** The proxy's CPU time so far. Throws if there is no proxy, or if it died. */
  cpu(): CpuTime {
    return cpuTime(this.pid);
  }

  /** The proxy's memory now. Throws if there is no proxy, or if it died. */
  memory(): Memory {
    return memory(this.pid);
  }
}
