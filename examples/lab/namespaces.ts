/**
 * A lab: pods on one wire, as a Kubernetes node would have them, out of network namespaces.
 *
 *     front ── eth0 ─┐
 *     cart  ── eth0 ─┼─ bridge (in a namespace of its own: the machine's network is never touched)
 *     stock ── eth0 ─┘
 *
 * Pods reach each other at 198.18.0.n and fd00::n and reach nothing else, so two labs may use the same addresses.
 */
import { addNamespace, ipBatch, keepNetfilterOffBridges, listNamespaces, removeNamespaces } from "./ip.ts";
import { Pod, type PodPlace } from "./pod.ts";

export interface LabOptions {
  /**
   * A directory that every process in a pod sees at `SHARED`, whoever it runs as: a clone below /root is closed to
   * the sidecar's user, a bind mount of it is not.
   */
  readonly share?: string;
}

/** Where pods see the directory given as `share`: one that every Linux has and nothing in a pod needs. */
export const SHARED = "/mnt";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

export class Lab {
  static readonly #open = new Set<Lab>();
  static #created = 0;

  readonly #name: string;
  readonly #bridge: string;
  readonly #pods: Pod[] = [];
  readonly #children = new Set<Bun.Subprocess>();
  readonly #share: PodPlace["share"];

  /**
   * An empty lab, whose names start with `prefix`. Whatever a lab of that prefix left behind when its process
   * died is removed first. Needs root (see requirements.ts); throws with the words of `ip` if it cannot.
   */
  static create(prefix: string, options: LabOptions = {}): Lab {
    if (Lab.#created++ === 0) closeOnExit(() => Lab.#closeAll());
    removeNamespaces(leftBehind(prefix, listNamespaces(), isAlive));
    const lab = new Lab(`${prefix}-${process.pid}-${Lab.#created}`, options);
    Lab.#open.add(lab);
    addNamespace(lab.#bridge);
    keepNetfilterOffBridges(lab.#bridge);
    ipBatch(["link add wire type bridge mcast_snooping 0", "link set wire up"], lab.#bridge);
    return lab;
  }

  static #closeAll(): void {
    for (const lab of Lab.#open) lab.close();
  }

  private constructor(name: string, { share }: LabOptions) {
    this.#name = name;
    this.#bridge = `${name}-bridge`;
    this.#share = share === undefined ? undefined : { from: share, at: SHARED };
  }

  /** A new pod with `lo`, `eth0`, and an address of each family; at most 254 of them. */
  pod(name: string): Pod {
    const n = this.#pods.length + 1;
    const place = this.#place(`${this.#name}-${name}`, n);
    const pod = new Pod(place);
    this.#pods.push(pod);
    addNamespace(place.namespace);
    ipBatch(
      [
        `link add pod${n} type veth peer name eth0 netns ${place.namespace}`,
        `link set pod${n} master wire up`,
      ],
      this.#bridge,
    );
    ipBatch(plug(place), place.namespace);
    return pod;
  }

  #place(namespace: string, n: number): PodPlace {
    const address = { namespace, ip4: `198.18.0.${n}`, ip6: `fd00::${n.toString(16)}` };
    const spawned = (child: Bun.Subprocess) => {
      this.#children.add(child);
      child.exited.finally(() => this.#children.delete(child));
    };
    return { ...address, share: this.#share, spawned };
  }

  /** Kills what runs in the pods and removes them. Harmless when repeated. */
  close(): void {
    if (!Lab.#open.delete(this)) return;
    for (const child of this.#children) child.kill("SIGKILL");
    removeNamespaces([...this.#pods.map((pod) => pod.namespace), this.#bridge]);
  }
}

// nodad: without it a fresh IPv6 address cannot be bound for a second.
function plug({ ip4, ip6 }: PodPlace): string[] {
  return [
    "link set lo up",
    `address add ${ip4}/15 dev eth0`,
    `address add ${ip6}/64 dev eth0 nodad`,
    "link set eth0 up",
  ];
}

/** Those of `namespaces` that a lab of this prefix made (`PREFIX-PID-...`) whose process is no longer alive. */
export function leftBehind(
  prefix: string,
  namespaces: readonly string[],
  alive: (pid: number) => boolean,
): string[] {
  return namespaces.filter((name) => {
    const pid = name.startsWith(`${prefix}-`)
      ? /^(\d+)-\d+-/.exec(name.slice(prefix.length + 1))?.[1]
      : undefined;
    return pid !== undefined && !alive(Number(pid));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// process.exit runs the "exit" listeners, so a signal takes the same way out as a normal end.
function closeOnExit(close: () => void): void {
  process.on("exit", close);
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => process.exit(128 + number));
  }
}
