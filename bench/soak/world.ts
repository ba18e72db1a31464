/**
 * What is soaked: a pod with an application and its sidecar, as init and the operator would start them, and the world
 * outside it with clients, another application that the pod calls, and a Jaeger agent that is not always there.
 */
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { cpuMs } from "../cpu-clock.ts";
import { favour, REAL_TIME } from "../load/priority.ts";
import { scriptCommand } from "../load/script.ts";
import { memory } from "../process.ts";
import { AGENT_PORT, SIDECAR, SIDECAR_PORT } from "../stage/netramesh.ts";
import { PATH } from "../stage/nginx.ts";
import { ConfigFile, TAKEN } from "./config-file.ts";
import { readLines } from "./lines.ts";

const PREFIX = "nmsoak";
const HTTP_PORT = 8080;
const ECHO_PORT = 9000;
/** The rules leave it alone. */
const DIRECT_PORT = 8090;
const LOG_LINES_KEPT = 100;

export class World {
  readonly config: ConfigFile;
  readonly #directory = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  readonly #lab = Lab.create(PREFIX);
  readonly #service = this.#lab.pod("service");
  readonly #outside = this.#lab.pod("outside");
  readonly #binary = join(this.#directory, "netramesh");
  #sidecar!: Bun.Subprocess;
  #agent: Bun.Subprocess | null = null;
  readonly #log: string[] = [];
  #configsTaken = 0;

  private constructor(binary: string) {
    process.on("exit", () => this.close());
    chmodSync(this.#directory, 0o755);
    copyFileSync(binary, this.#binary);
    chmodSync(this.#binary, 0o755);
    this.config = new ConfigFile(this.#directory);
  }

  /**
   * The sidecar, the application that is probed and the probe have real-time priority: what the probe waits for the
   * sidecar is then the sidecar's own doing, not the machine's.
   */
  static async open(binary: string): Promise<World> {
    const world = new World(binary);
    favour((await startServer(world.#service, HTTP_PORT, ECHO_PORT, DIRECT_PORT)).pid);
    await startServer(world.#outside, HTTP_PORT, ECHO_PORT);
    await world.startAgent();
    await world.#startSidecar();
    return world;
  }

  /** Clients outside the pod, or inside it. */
  startDriver(direction: "inbound" | "outbound"): Bun.Subprocess {
    const [from, to] =
      direction === "inbound" ? [this.#outside, this.#service] : [this.#service, this.#outside];
    return from.spawn(scriptCommand("../soak/driver.ts", [to.ip4, HTTP_PORT, ECHO_PORT]), {
      stderr: "inherit",
    });
  }

  startProbe(): Bun.Subprocess {
    const args = [this.#service.ip4, HTTP_PORT, DIRECT_PORT];
    const command = [...REAL_TIME, ...scriptCommand("../soak/probe.ts", args)];
    return this.#outside.spawn(command, { env: PATH, stderr: "inherit" });
  }

  async startAgent(): Promise<void> {
    const command = scriptCommand("sink.ts", [AGENT_PORT]);
    this.#agent = this.#outside.spawn(command, { stdout: "ignore", stderr: "inherit" });
    await this.#outside.waitForPort(AGENT_PORT, 10_000, "udp");
  }

  stopAgent(): void {
    this.#agent?.kill("SIGKILL");
  }

  /** Whether the sidecar is still there. */
  get isAlive(): boolean {
    return this.#sidecar.exitCode === null && this.#sidecar.signalCode === null;
  }

  /** The sidecar's. Throws if it has died. */
  get anonBytes(): number {
    return memory(this.#sidecar.pid).anonBytes;
  }

  /** How many the sidecar has open. Throws if it has died. */
  get files(): number {
    return readdirSync(`/proc/${this.#sidecar.pid}/fd`).length;
  }

  /** CPU time of the sidecar. Throws if it has died. */
  get cpuMs(): number {
    return cpuMs(this.#sidecar.pid);
  }

  /** The last lines that the sidecar logged. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** How many changes of the configuration the sidecar says it has made its own. */
  get configsTaken(): number {
    return this.#configsTaken;
  }

  /** Ends the sidecar as Kubernetes would; resolves to its exit code, null if a signal killed it. */
  async endSidecar(): Promise<number | null> {
    this.#sidecar.kill("SIGTERM");
    await this.#sidecar.exited;
    return this.#sidecar.exitCode;
  }

  /** Ends every process and removes every trace. Harmless when repeated. */
  close(): void {
    this.#lab.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startSidecar(): Promise<void> {
    const rules = { INBOUND_INTERCEPT_PORTS: `${HTTP_PORT},${ECHO_PORT}` };
    const init = await this.#service.run([this.#binary, "init"], { caps: ["net_admin"], env: rules });
    if (init.code !== 0) throw new Error(`init ended with exit code ${init.code}: ${init.stderr}`);
    const env = {
      NETRA_HTTP_PORTS: String(HTTP_PORT),
      NETRA_CONFIG_FILE: this.config.path,
      NETRA_DRAIN_GRACE_MILLISECONDS: "0",
      JAEGER_AGENT_HOST: this.#outside.ip4,
    };
    const command = [this.#binary, "--service-name", "soak"];
    this.#sidecar = this.#service.spawn(command, { ...SIDECAR, env, stdout: "ignore" });
    void readLines(this.#sidecar.stderr as ReadableStream<Uint8Array>, (line) => this.#note(line));
    await this.#service.waitForPort(SIDECAR_PORT);
    favour(this.#sidecar.pid);
  }

  #note(line: string): void {
    if (line.includes(TAKEN)) this.#configsTaken++;
    this.#log.push(line);
    if (this.#log.length > LOG_LINES_KEPT) this.#log.shift();
  }
}

async function startServer(pod: Pod, ...ports: number[]): Promise<Bun.Subprocess> {
  const command = scriptCommand("../soak/server.ts", ports);
  const child = pod.spawn(command, { env: PATH, stdout: "ignore", stderr: "inherit" });
  await pod.waitForPort(ports.at(-1)!);
  return child;
}
