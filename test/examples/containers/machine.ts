/**
 * A machine with Podman out of namespaces: its bridges, rules and processes are its own and end with it. What talks to
 * Docker talks to it too.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../../examples/lab/namespaces.ts";
import type { Pod, RunResult } from "../../../examples/lab/pod.ts";
import { eventually } from "../../e2e/harness.ts";
import { fillStorage } from "./stand-ins.ts";

// Limits that no container of a machine without CAP_SYS_RESOURCE may exceed.
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
`;

/** Where Podman keeps what outlives a process: all of it is hidden behind empty file systems. */
const STATE = [
  "/run/netns",
  "/run/containers",
  "/run/lock",
  "/var/lib/containers",
  "/etc/containers/networks",
];
const START = `
  for folder in ${STATE.join(" ")}; do mkdir -p $folder && mount -t tmpfs tmpfs $folder || exit 1; done
  exec podman system service --time 0 "unix://$1"`;
// Not by way of `ip netns exec`, which mounts a /sys without control groups.
const NAMESPACES = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
const WITH_US = ["setpriv", "--pdeathsig=KILL"];

export class Machine {
  readonly #folder = mkdtempSync(join(tmpdir(), "netramesh-podman-"));
  readonly #lab = Lab.create("netra-podman");
  readonly #pod: Pod;
  readonly #env: Record<string, string>;
  #service: Bun.Subprocess | undefined;

  private constructor() {
    this.#pod = this.#lab.pod("machine");
    process.once("exit", this.#remove);
    const file = (name: string, text: string) => {
      writeFileSync(join(this.#folder, name), text);
      return join(this.#folder, name);
    };
    const [graph, run] = [join(this.#folder, "graph"), join(this.#folder, "run")];
    this.#env = {
      PATH: process.env.PATH!,
      HOME: this.#folder,
      DOCKER_HOST: `unix://${this.#socket}`,
      CONTAINERS_CONF: file("containers.conf", CONTAINERS_CONF),
      CONTAINERS_STORAGE_CONF: file(
        "storage.conf",
        `[storage]\ndriver = "vfs"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`,
      ),
    };
  }

  get #socket(): string {
    return join(this.#folder, "podman.sock");
  }

  /** One that has the image under test and stand-ins for all others that the examples name. */
  static async boot(): Promise<Machine> {
    const machine = new Machine();
    const folder = machine.#folder;
    const storage = [
      "--storage-driver",
      "vfs",
      "--root",
      join(folder, "graph"),
      "--runroot",
      join(folder, "run"),
    ];
    mkdirSync(join(folder, "contexts"));
    await fillStorage(storage, join(folder, "contexts"));
    await machine.#startService();
    return machine;
  }

  async #startService(): Promise<void> {
    const enter = ["nsenter", `--net=/run/netns/${this.#pod.namespace}`, ...WITH_US, ...NAMESPACES];
    const command = [...enter, "sh", "-c", START, "sh", this.#socket];
    this.#service = Bun.spawn(command, { env: this.#env, stdio: ["ignore", "ignore", "ignore"] });
    const answers = () =>
      Bun.spawnSync(["curl", "-sf", "--unix-socket", this.#socket, "http://d/_ping"]).success;
    await eventually(answers, () => "podman does not answer");
  }

  /** Runs a command that talks to the machine's engine; throws with its output if it fails. */
  async run(...command: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(command);
    if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  podman(...args: string[]): Promise<string> {
    return this.run("podman", "--remote", "--url", this.#env.DOCKER_HOST!, ...args);
  }

  /** What the machine's own port answers; empty if nothing does. */
  async get(port: number, path: string, ...headers: string[]): Promise<string> {
    const options = headers.flatMap((header) => ["-H", header]);
    const url = `http://${this.#pod.ip4}:${port}${path}`;
    return (await this.#run(["curl", "-s", "-m", "5", ...options, url])).stdout;
  }

  #run(command: readonly string[]): Promise<RunResult> {
    return this.#pod.run(command, { env: this.#env });
  }

  /** Ends everything that runs on it. */
  async shutDown(): Promise<void> {
    this.#service?.kill("SIGKILL");
    await this.#service?.exited;
    this.#lab.close();
    this.#remove();
  }

  readonly #remove = (): void => {
    process.off("exit", this.#remove);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
}
