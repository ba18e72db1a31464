/**
 * Raw TCP inside pods, driven by the test: a socket belongs for life to the namespace and the user that made it, so
 * both ends can live in this process and report exactly what they saw.
 */
import type { Socket, TCPSocketListener } from "bun";
import type { Pod } from "../../examples/lab/pod.ts";
import { asOwner, inNamespace } from "../ffi/namespace.ts";
import { Peer } from "../proxy/peer.ts";
import { eventually } from "./harness.ts";

/** Who applications run as: neither root nor the sidecar's user. */
const APPLICATION = { uid: 65534, gid: 65534 };

/** A connection that a process in `pod` makes, from a port that it chooses or the kernel. */
export function dial(pod: Pod, ip: string, port: number, localPort = 0): Promise<Peer> {
  const from = localPort === 0 ? {} : { localAddress: ip.includes(":") ? pod.ip6 : pod.ip4, localPort };
  return inNamespace(pod.namespace, () => asOwner(APPLICATION, () => Peer.connect(port, ip, from)));
}

/** How a connection that sends `bytes` ends. A reset may come so soon that it was never open. */
export async function fateOf(pod: Pod, ip: string, port: number, bytes = ""): Promise<"fin" | "rst"> {
  const peer = await dial(pod, ip, port).catch(() => null);
  if (peer === null) return "rst";
  peer.send(bytes);
  await peer.until(({ ending }) => ending !== "open");
  return peer.ending as "fin" | "rst";
}

/** A listening application in a pod. */
export class Server {
  /** Its connections, in the order in which they came. */
  readonly peers: Peer[] = [];
  readonly #listener: TCPSocketListener<Peer>;

  constructor(pod: Pod, port: number, onOpen: (peer: Peer) => void = () => {}, hostname = "::") {
    const open = (socket: Socket<Peer>) => {
      socket.data = new Peer();
      socket.data.socket = socket;
      this.peers.push(socket.data);
      onOpen(socket.data);
    };
    const socket = { ...Peer.events, open };
    this.#listener = inNamespace(pod.namespace, () =>
      Bun.listen<Peer>({ hostname, port, allowHalfOpen: true, socket }),
    );
  }

  /** Its connection number `index`, once it is there. */
  async peer(index: number): Promise<Peer> {
    await eventually(
      () => this.peers.length > index,
      () => `connection ${index} has not come`,
    );
    return this.peers[index]!;
  }

  close(): void {
    this.#listener.stop(true);
  }
}

/** Both ends of one connection through the mesh. */
export interface Link {
  readonly client: Peer;
  readonly server: Peer;
}

/** Connects to a server and waits until the connection has come through. */
export async function link(from: Pod, ip: string, port: number, server: Server): Promise<Link> {
  const index = server.peers.length;
  const client = await dial(from, ip, port);
  return { client, server: await server.peer(index) };
}
