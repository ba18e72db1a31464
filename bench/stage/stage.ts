/**
 * Where everything is measured: a client pod, an agent pod that swallows spans, and one pod per target, on one wire.
 * Each target has an nginx of its own, so that all of them do the same work in the same network.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { AGENT_PORT } from "./netramesh.ts";
import { startNginx } from "./nginx.ts";
import { type NamedBinary, targetPlans } from "./plans.ts";
import { Target, type TargetPlan } from "./target.ts";

const PREFIX = "nmbench";

export class Stage {
  readonly client: Pod;
  readonly targets: Target[] = [];
  readonly #lab = Lab.create(PREFIX);
  readonly #directory = mkdtempSync(join(tmpdir(), `${PREFIX}-`));

  private constructor() {
    this.client = this.#lab.pod("client");
    chmodSync(this.#directory, 0o755);
    process.on("exit", () => this.close());
  }

  /** Starts all targets of these binaries whose names `wanted` accepts. */
  static async open(binaries: readonly NamedBinary[], wanted: (name: string) => boolean): Promise<Stage> {
    const stage = new Stage();
    const agent = stage.#lab.pod("agent");
    await startSink(agent);
    const copies = binaries.map((binary) => stage.#copy(binary));
    for (const plan of targetPlans(copies, agent.ip4).filter(({ name }) => wanted(name))) {
      stage.targets.push(await stage.#add(plan));
    }
    return stage;
  }

  /** Ends every process and removes every trace. Harmless when repeated. */
  close(): void {
    this.#lab.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A copy can be read by the sidecar's user, and stays the same if somebody builds meanwhile. */
  #copy({ name, path }: NamedBinary): NamedBinary {
    const copy = join(this.#directory, name.replaceAll(/\W/g, "-"));
    copyFileSync(path, copy);
    chmodSync(copy, 0o755);
    return { name, path: copy };
  }

  async #add(plan: TargetPlan): Promise<Target> {
    const label = `t${this.targets.length}`;
    const pod = this.#lab.pod(label);
    const directory = join(this.#directory, label);
    await startNginx(pod, directory);
    await plan.prepare(pod);
    forgetClosedConnections(pod);
    const target = new Target(plan, pod, directory);
    await target.restart();
    return target;
  }
}

/** A connection per request leaves ten thousand closed ones a second behind; they must not fill the tables. */
function forgetClosedConnections(pod: Pod): void {
  pod.sysctl("net.ipv4.ip_local_port_range", "15000 65000");
  pod.sysctl("net.netfilter.nf_conntrack_tcp_timeout_time_wait", 1);
}

async function startSink(agent: Pod): Promise<void> {
  const script = join(import.meta.dir, "..", "load", "sink.ts");
  agent.spawn([process.execPath, script, String(AGENT_PORT)], { stdout: "ignore", stderr: "inherit" });
  await agent.waitForPort(AGENT_PORT, 10_000, "udp");
}
