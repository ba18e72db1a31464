/**
 * Are our own upstream connections exempt from the rules? Asked of the rules themselves, without privileges: the proxy
 * connects from its own address to a port of its own that the rules skip inbound but not outbound. If that connection
 * arrives at the proxy, our user is intercepted, and every upstream we dialled would come back to us.
 *
 * Not arriving proves something only where rules are in force. Another connection, straight to the proxy's port,
 * tells: it has an original destination exactly if some NAT rule is loaded in this network namespace.
 */
import { type Address, sameAddress, unmapIp } from "../address.ts";
import type { RunningProxy } from "./proxy.ts";

/**
 * - `proved`: rules are in force, and our connection was not intercepted.
 * - `intercepted`: our connection came back to us.
 * - `unproved`: no NAT rule is loaded here, or not yet; or nothing was seen of our connection in time.
 * - `untestable`: we have no address but loopback and link-local ones.
 */
export type Exemption = "proved" | "intercepted" | "unproved" | "untestable";

/** Local connections open or fail at once; only one that something drops takes longer. */
const PATIENCE_MS = 250;

/**
 * Tests a listening proxy, and on `proved` spares it the loop guard. `ownIp` is what `reachableOwnIp` found;
 * `probePort` a port of ours that the rules skip inbound and not outbound. It need not be listening: if it is, the
 * answer takes 250 ms.
 */
export async function proveExemption(
  proxy: RunningProxy,
  ownIp: string | null,
  probePort: number,
): Promise<Exemption> {
  if (ownIp === null) return "untestable";
  if (!(await seesNat(proxy, ownIp))) return "unproved";
  const probe = await connectAndWatch(proxy, { ip: ownIp, port: probePort });
  if (probe === "unknown") return "unproved";
  if (probe !== "elsewhere") return "intercepted";
  proxy.trustExemption();
  return "proved";
}

/** Whether a connection of ours to the proxy's own port has an original destination: some NAT rule is loaded here. */
export async function seesNat(proxy: RunningProxy, ownIp: string): Promise<boolean> {
  const direct = await connectAndWatch(proxy, { ip: ownIp, port: proxy.port });
  return typeof direct === "object" && direct.originalDst !== null;
}

interface Arrival {
  readonly client: Address;
  readonly originalDst: Address | null;
}

/**
 * What became of a connection: it arrived at the proxy; it was seen to open or to fail and did not (`elsewhere`); or
 * nothing was seen of it (`unknown`), because something dropped it or this process was held up.
 */
type Fate = Arrival | "elsewhere" | "unknown";

/** Connects to `target` and tells what became of that connection. */
function connectAndWatch(proxy: RunningProxy, target: Address): Promise<Fate> {
  return new Promise((resolve) => new Probe(proxy, target, resolve).start());
}

/** One connection of ours. Whether it is seen to open or to arrive first is up to the event loop. */
class Probe {
  readonly #proxy: RunningProxy;
  readonly #target: Address;
  readonly #report: (fate: Fate) => void;
  readonly #arrivals: Arrival[] = [];
  #local: Address | null = null;
  #timer: Timer | null = null;

  constructor(proxy: RunningProxy, target: Address, report: (fate: Fate) => void) {
    this.#proxy = proxy;
    this.#target = target;
    this.#report = report;
  }

  start(): void {
    this.#timer = setTimeout(() => this.#finish(this.#local === null ? "unknown" : "elsewhere"), PATIENCE_MS);
    this.#proxy.watchAccepts((client, originalDst) => this.#accepted({ client, originalDst }));
    void Bun.connect({
      hostname: this.#target.ip,
      port: this.#target.port,
      socket: {
        open: (socket) => {
          this.#opened({ ip: unmapIp(socket.localAddress), port: socket.localPort });
          socket.terminate();
        },
        connectError: () => this.#finish("elsewhere"),
        data() {},
        error() {},
      },
    });
  }

  #opened(local: Address): void {
    this.#local = local;
    this.#match();
  }

  /** Claims what goes from our own address to our target; which of those is the probe shows when it opens. */
  #accepted(arrival: Arrival): boolean {
    const { originalDst, client } = arrival;
    if (client.ip !== this.#target.ip || !sameAddress(originalDst ?? this.#target, this.#target))
      return false;
    this.#arrivals.push(arrival);
    this.#match();
    return true;
  }

  #match(): void {
    const local = this.#local;
    if (local === null) return;
    const arrival = this.#arrivals.find(({ client }) => sameAddress(client, local));
    if (arrival !== undefined) this.#finish(arrival);
  }

  #finish(fate: Fate): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#proxy.watchAccepts(null);
    this.#report(fate);
  }
}
