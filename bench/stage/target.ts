import type { Pod } from "../../examples/lab/pod.ts";
import { type CpuTime, cpuTime, type Memory, memory } from "../process.ts";

/** One way to reach nginx. */
export interface TargetPlan {
  readonly name: string;
  /** The target whose figures this one's are divided by. */
  readonly reference: string | null;
  /** Where clients connect. */
  readonly port: number;
  /** Done once, before the first start. */
  prepare(pod: Pod): Promise<void>;
  /** Starts the proxy; null if there is none. */
  start(pod: Pod, directory: string): Promise<Bun.Subprocess | null>;
}

/** A pod with nginx and, in all but one of them, a proxy before it. */
export class Target {
  #proxy: Bun.Subprocess | null = null;

  constructor(
    readonly plan: TargetPlan,
    readonly pod: Pod,
    readonly directory: string,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  get hasProxy(): boolean {
    return this.#proxy !== null;
  }

  url(path = "/"): string {
    return `http://${this.pod.ip4}:${this.plan.port}${path}`;
  }

  /** A new proxy process in place of the one there was. */
  async restart(): Promise<void> {
    this.#proxy?.kill("SIGKILL");
    await this.#proxy?.exited;
    this.#proxy = await this.plan.start(this.pod, this.directory);
  }

  /** The proxy's CPU time so far. Throws if there is no proxy, or if it died. */
  cpu(): CpuTime {
    return cpuTime(this.#pid());
  }

  /** The proxy's memory now. Throws if there is no proxy, or if it died. */
  memory(): Memory {
    return memory(this.#pid());
  }

  #pid(): number {
    if (this.#proxy === null) throw new Error(`${this.name} has no proxy`);
    if (this.#proxy.exitCode !== null) throw new Error(`${this.name}: the proxy died`);
    return this.#proxy.pid;
  }
}
