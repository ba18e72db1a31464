/**
 * Does the sidecar that runs here get a connection of ours? The rules always redirect a connection to our own
 * NETRA_PROMETHEUS_PORT, unless our user is exempt. If it is redirected, the sidecar lists it, by our end of it, and
 * relays it to its own metrics port.
 */

import { type Address, formatAddress, unmapIp } from "../address.ts";
import type { ask } from "../admin/hooks/ask.ts";
import type { Ports } from "../admin/hooks/where.ts";

/** How often it looks, in case the sidecar has not accepted yet. */
const LOOKS = 2;
const BETWEEN_LOOKS_MS = 100;
const PATIENCE_MS = 1000;

/**
 * - `reset`: not listed, but closed from the other side, perhaps at once. So ends a connection that the sidecar's own
 *   user makes, if the rules redirect even those, or one that a crowded metrics port gives up.
 * - `unknown`: the sidecar does not say, or has more connections than it lists.
 */
export type Fate = "redirected" | "direct" | "reset" | "unknown";

/** Connects from `ownIp` to the metrics port there, which has to be the sidecar's; looks, and closes. */
export async function tryConnection(
  ownIp: string,
  { metrics, debug }: Ports,
  askAt: typeof ask,
): Promise<Fate> {
  const connection = await open({ ip: ownIp, port: metrics.port });
  if (typeof connection === "string") return connection;
  const name = ` ${formatAddress(connection.local)} `;
  let fate: Fate = "unknown";
  for (let look = 0; look < LOOKS && fate !== "redirected"; look++) {
    if (look > 0) await Bun.sleep(BETWEEN_LOOKS_MS);
    const list = (await askAt(debug, "GET", "/debug/pprof/connections"))?.body ?? "";
    fate = list.includes(name) ? "redirected" : isWhole(list) ? "direct" : "unknown";
  }
  const wasClosed = connection.isClosed();
  connection.close();
  return fate === "direct" && wasClosed ? "reset" : fate;
}

function isWhole(list: string): boolean {
  return /^\d+ open connections$/m.test(list) && !/^and \d+ more$/m.test(list);
}

interface Opened {
  readonly local: Address;
  isClosed(): boolean;
  close(): void;
}

/** What became of it, if it does not open. */
function open({ ip, port }: Address): Promise<Opened | Fate> {
  const { promise, resolve } = Promise.withResolvers<Opened | Fate>();
  const timer = setTimeout(resolve, PATIENCE_MS, "unknown");
  let isClosed = false;
  void Bun.connect({
    hostname: ip,
    port,
    socket: {
      open: (socket) => {
        clearTimeout(timer);
        const local = { ip: unmapIp(socket.localAddress), port: socket.localPort };
        resolve({ local, isClosed: () => isClosed, close: () => void socket.end() });
      },
      connectError: () => {
        clearTimeout(timer);
        resolve("reset");
      },
      close: () => {
        isClosed = true;
      },
      data() {},
      error() {},
    },
  });
  return promise;
}
