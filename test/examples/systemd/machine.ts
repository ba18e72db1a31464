/**
 * A machine that systemd boots, with the example installed: this machine's own files under an overlay that is thrown
 * away, in systemd-nspawn, in the network of a pod.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pod } from "../../../examples/lab/pod.ts";

const TOP = join(import.meta.dir, "..", "..", "..");
const EXAMPLE = join(TOP, "examples", "systemd");

// $1: an empty directory, $2: the example, $3: the binary, $4: the network namespace, $5: lines for /etc/hosts
const BOOT = `
  set -e
  mount -t tmpfs tmpfs "$1"
  mkdir "$1/upper" "$1/work" "$1/root"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
  root=$1/root
  rm -f "$root"/etc/systemd/system/*.wants/*
  install -D -m 644 "$2/netramesh.service" "$root/etc/systemd/system/netramesh.service"
  install -D -m 644 "$2/netramesh.conf" "$root/usr/lib/sysusers.d/netramesh.conf"
  install -D -m 644 "$2/netramesh.env" "$root/etc/netramesh/netramesh.env"
  install -D -m 755 "$3" "$root/usr/local/bin/netramesh"
  printf '%s\\n' "$5" >> "$root/etc/hosts"
  printf '%032x\\n' 1 > "$root/etc/machine-id"
  exec systemd-nspawn --quiet --register=no --keep-unit --console=pipe --boot \\
    --directory="$root" --network-namespace-path="/run/netns/$4" --capability=CAP_NET_ADMIN \\
    --resolv-conf=off systemd.unit=netramesh.service systemd.journald.forward_to_console=1`;

export class Machine {
  readonly #folder = mkdtempSync(join(tmpdir(), "netramesh-systemd-"));
  readonly #process: Bun.Subprocess<"ignore", Bun.BunFile, Bun.BunFile>;
  readonly #console: string;

  /** Boots into the example's service; `hosts` is what its /etc/hosts says besides. */
  constructor(
    readonly pod: Pod,
    hosts: string,
  ) {
    const binary = join(TOP, "dist", "netramesh");
    if (!existsSync(binary)) throw new Error("no dist/netramesh: run `bun run build` first");
    this.#console = join(this.#folder, "console");
    const root = join(this.#folder, "machine");
    const command = ["sh", "-c", BOOT, "sh", root, EXAMPLE, binary, pod.namespace, hosts];
    mkdirSync(root);
    writeFileSync(this.#console, "");
    this.#process = Bun.spawn(["unshare", "--mount", "setpriv", "--pdeathsig=KILL", ...command], {
      stdin: "ignore",
      stdout: Bun.file(this.#console),
      stderr: Bun.file(this.#console),
    });
  }

  /** What systemd and nspawn printed. */
  get console(): string {
    return readFileSync(this.#console, "utf8");
  }

  /** The process id of the sidecar; null while there is none. */
  get sidecar(): number | null {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map(Number).find((pid) => this.#isSidecar(pid)) ?? null;
  }

  #isSidecar(pid: number): boolean {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return (
        command === "/usr/local/bin/netramesh\0" && readlinkSync(`/proc/${pid}/ns/net`) === this.#network
      );
    } catch {
      return false;
    }
  }

  get #network(): string {
    const look = ["ip", "netns", "exec", this.pod.namespace, "readlink", "/proc/self/ns/net"];
    return Bun.spawnSync(look).stdout.toString().trim();
  }

  /** Shuts it down as its power button would; resolves when it is off. */
  async powerOff(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.exited;
  }

  /** Whatever it is doing. */
  async destroy(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
