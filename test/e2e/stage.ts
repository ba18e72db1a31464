import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { Agent } from "./agent.ts";
import { type Env, HTTP_PORT, OPAQUE_PORT, openLab, type Sidecar, startMeshed } from "./harness.ts";
import { type Link, link, Server } from "./wire.ts";

export type Direction = "inbound" | "outbound";
export const DIRECTIONS: readonly Direction[] = ["inbound", "outbound"];
const PORTS = [HTTP_PORT, OPAQUE_PORT];

/** One meshed pod, the world outside it with a Jaeger agent, and a server in both on an HTTP and an opaque port. */
export class Stage {
  readonly #servers = new Map<string, Server>();

  private constructor(
    readonly lab: Lab,
    readonly pod: Pod,
    readonly outside: Pod,
    readonly agent: Agent,
    readonly sidecar: Sidecar,
  ) {
    for (const port of PORTS) {
      this.#servers.set(`inbound ${port}`, new Server(pod, port));
      this.#servers.set(`outbound ${port}`, new Server(outside, port));
    }
  }

  /** `env` adds to a sidecar that traces everything, `rules` is what init is told. */
  static async open(name: string, env: Env = {}, rules: Env = {}): Promise<Stage> {
    const lab = openLab(name);
    const pod = lab.pod("pod");
    const outside = lab.pod("outside");
    const agent = await Agent.start(outside);
    const sidecar = await startMeshed(pod, { env: { ...agent.env, ...env } }, rules);
    return new Stage(lab, pod, outside, agent, sidecar);
  }

  /** A new connection through the sidecar. */
  connect(direction: Direction, port = HTTP_PORT, family: "ip4" | "ip6" = "ip4"): Promise<Link> {
    const server = this.#servers.get(`${direction} ${port}`)!;
    return direction === "inbound"
      ? link(this.outside, this.pod[family], port, server)
      : link(this.pod, this.outside[family], port, server);
  }

  /** The next connection to a server, which `cause` brings about. */
  next(direction: Direction, port: number, cause: () => void): Promise<Peer> {
    const server = this.#servers.get(`${direction} ${port}`)!;
    const index = server.peers.length;
    cause();
    return server.peer(index);
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
    this.lab.close();
  }
}
