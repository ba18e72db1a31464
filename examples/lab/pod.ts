import { ipBatch } from "./ip.ts";
import { listens, type Protocol } from "./ports.ts";

/** What a process in a pod is started with. Its environment is `env` and nothing else. */
export interface SpawnOptions {
  readonly uid?: number;
  readonly gid?: number;
  /** The capabilities it may at most have, such as `["net_admin"]`; absent: no limit beyond those of its user. */
  readonly caps?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: "pipe" | "ignore";
  readonly stdout?: "pipe" | "inherit" | "ignore";
  readonly stderr?: "pipe" | "inherit" | "ignore";
}

/** How a command ended, and what it wrote. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a pod is and what it shares with the machine; made by the lab. */
export interface PodPlace {
  readonly namespace: string;
  readonly ip4: string;
  readonly ip6: string;
  /** A directory of the machine, and where the pod's processes see it. */
  readonly share: { readonly from: string; readonly at: string } | undefined;
  spawned(child: Bun.Subprocess): void;
}

// Paths, because a pod's process may have no PATH.
const IP = Bun.which("ip") ?? "ip";
const SETPRIV = Bun.which("setpriv") ?? "setpriv";

// `ip netns exec` gives each command its own mount table, so the mount is seen by this command only. PWD: the
// shell's addition to the environment.
const MOUNT_THEN = 'mount --bind "$1" "$2" && shift 2 && unset PWD && exec "$@"';
const WRITE = 'printf %s "$2" > "$1"';
const POLL_MS = 10;

/** A network namespace with `lo` and `eth0`: the network of a Kubernetes pod, and nothing else of it. */
export class Pod {
  readonly namespace: string;
  readonly ip4: string;
  readonly ip6: string;
  readonly #place: PodPlace;

  constructor(place: PodPlace) {
    this.namespace = place.namespace;
    this.ip4 = place.ip4;
    this.ip6 = place.ip6;
    this.#place = place;
  }

  /**
   * The full argument vector that runs `command` in the pod. Every program in it replaces itself by the next, so
   * the process id one gets is that of `command`; it dies with the process that started it.
   */
  argv(command: readonly string[], { uid = 0, gid = 0, caps }: SpawnOptions = {}): string[] {
    const user = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--pdeathsig=KILL"];
    const bound = caps ? [`--bounding-set=${["-all", ...caps.map((cap) => `+${cap}`)].join()}`] : [];
    return [IP, "netns", "exec", this.namespace, ...this.#mount(), SETPRIV, ...user, ...bound, ...command];
  }

  #mount(): string[] {
    const { share } = this.#place;
    return share ? ["/bin/sh", "-c", MOUNT_THEN, "sh", share.from, share.at] : [];
  }

  /** Starts `command` in the pod. The lab kills it on `close()`, if it is still there. */
  spawn(command: readonly string[], options: SpawnOptions = {}): Bun.Subprocess {
    const { env = {}, stdin = "ignore", stdout = "pipe", stderr = "pipe" } = options;
    const child = Bun.spawn(this.argv(command, options), { env: { ...env }, stdin, stdout, stderr });
    this.#place.spawned(child);
    return child;
  }

  /** Runs `command` in the pod to its end. */
  async run(command: readonly string[], options: SpawnOptions = {}): Promise<RunResult> {
    const child = this.spawn(command, { ...options, stdout: "pipe", stderr: "pipe" });
    const stdout = new Response(child.stdout as ReadableStream).text();
    const stderr = new Response(child.stderr as ReadableStream).text();
    return { code: await child.exited, stdout: await stdout, stderr: await stderr };
  }

  /** Adds a second address, usable at once. `ip` may carry a prefix length; without one it is a host address. */
  addIp(ip: string, device = "eth0"): void {
    ipBatch([`address add ${ip} dev ${device}${ip.includes(":") ? " nodad" : ""}`], this.namespace);
  }

  /** Sets one of the pod's own kernel parameters, such as `net.ipv4.tcp_syn_retries`. */
  sysctl(key: string, value: string | number): void {
    const file = `/proc/sys/${key.replaceAll(".", "/")}`;
    const write = [IP, "netns", "exec", this.namespace, "/bin/sh", "-c", WRITE, "sh", file, String(value)];
    const { exitCode, stderr } = Bun.spawnSync(write);
    if (exitCode !== 0) throw new Error(`${key} = ${value}: ${stderr.toString().trim()}`);
  }

  /** Resolves when something in the pod listens on `port`; throws after `timeoutMs`. Looks, never connects. */
  async waitForPort(port: number, timeoutMs = 10_000, protocol: Protocol = "tcp"): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!listens(this.#sockets(protocol), protocol, port)) {
      if (performance.now() > deadline) {
        throw new Error(
          `nothing listens on ${protocol} port ${port} in ${this.namespace} after ${timeoutMs} ms`,
        );
      }
      await Bun.sleep(POLL_MS);
    }
  }

  #sockets(protocol: Protocol): string {
    const files = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`];
    return Bun.spawnSync([IP, "netns", "exec", this.namespace, "cat", ...files]).stdout.toString();
  }
}
