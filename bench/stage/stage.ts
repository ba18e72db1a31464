/**
 * Where everything is measured: a client pod, an agent pod that swallows spans, and one pod per target, on one wire.
 * Each target has an nginx of its own, so that all of them do the same work in the same network.
 */
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { ARCHITECTURES } from "../../scripts/image/architectures.ts";
import { AGENT_PORT, programRules } from "./netramesh.ts";
import { startNginx } from "./nginx.ts";
import { type NamedBinary, type Participants, targetPlans } from "./plans.ts";
import { Target, type TargetPlan } from "./target.ts";

const PREFIX = "nmbench";
const MANY_PORTS = "15000 65000";
const OWN_ARCHITECTURE = ARCHITECTURES.find((each) => each.process === process.arch);

export class Stage {
  readonly client: Pod;
  readonly targets: Target[] = [];
  /** Copies of the binaries. */
  readonly binaries: readonly NamedBinary[];
  /** What the image of the first of them holds; null if it was not built. */
  readonly rootfs: string | null;
  readonly #lab = Lab.create(PREFIX);
  readonly #directory = mkdtempSync(join(tmpdir(), `${PREFIX}-`));

  private constructor(binaries: readonly NamedBinary[]) {
    this.client = this.#lab.pod("client");
    reuseClosedConnections(this.client);
    chmodSync(this.#directory, 0o755);
    process.on("exit", () => this.close());
    const rootfs = join(dirname(binaries[0]!.path), "image", OWN_ARCHITECTURE?.name ?? "none");
    this.rootfs = existsSync(rootfs) ? rootfs : null;
    this.binaries = binaries.map((binary) => this.#copy(binary));
  }

  /** Starts all targets whose names `wanted` accepts. */
  static async open({ binaries, peers }: Participants, wanted: (name: string) => boolean): Promise<Stage> {
    const stage = new Stage(binaries);
    const agent = stage.#lab.pod("agent");
    await startSink(agent);
    const plans = targetPlans({ binaries: stage.binaries, peers }, agent.ip4);
    for (const plan of plans.filter(({ name }) => wanted(name))) stage.targets.push(await stage.#add(plan));
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
    const nginx = await startNginx(pod, directory);
    chmodSync(directory, 0o777); // a proxy that runs as the sidecar's user may write here too
    if (plan.redirect !== null) await programRules(pod, plan.redirect.binary, plan.redirect.port);
    forgetClosedConnections(pod);
    const target = new Target(plan, pod, nginx, directory);
    await target.restart();
    return target;
  }
}

/** A connection per request leaves ten thousand closed ones a second behind; they must not fill the tables. */
function forgetClosedConnections(pod: Pod): void {
  pod.sysctl("net.ipv4.ip_local_port_range", MANY_PORTS);
  pod.sysctl("net.netfilter.nf_conntrack_tcp_timeout_time_wait", 1);
}

/** The client may be the first to close; without this its search for a free port is what is measured, soon. */
function reuseClosedConnections(client: Pod): void {
  client.sysctl("net.ipv4.ip_local_port_range", MANY_PORTS);
  client.sysctl("net.ipv4.tcp_tw_reuse", 1);
}

async function startSink(agent: Pod): Promise<void> {
  const script = join(import.meta.dir, "..", "load", "sink.ts");
  agent.spawn([process.execPath, script, String(AGENT_PORT)], { stdout: "ignore", stderr: "inherit" });
  await agent.waitForPort(AGENT_PORT, 10_000, "udp");
}
