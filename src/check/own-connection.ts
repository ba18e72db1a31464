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

/** - `unknown`: the sidecar does not say, or has more connections than it lists. */
export type Fate = "redirected" | "direct" | "unknown";

/** Connects from `ownIp` to itself, looks, and closes. */
export async function tryConnection(
  ownIp: string,
  { metrics, debug }: Ports,
  askAt: typeof ask,
): Promise<Fate> {
  const connection = await open({ ip: ownIp, port: metrics.port });
  if (connection === null) return "unknown";
  const name = ` ${formatAddress(connection.local)} `;
  let fate: Fate = "unknown";
  for (let look = 0; look < LOOKS && fate !== "redirected"; look++) {
    if (look > 0) await Bun.sleep(BETWEEN_LOOKS_MS);
    const list = (await askAt(debug, "GET", "/debug/pprof/connections"))?.body ?? "";
    fate = list.includes(name) ? "redirected" : isWhole(list) ? "direct" : "unknown";
  }
  connection.close();
  return fate;
}

function isWhole(list: string): boolean {
  return /^\d+ open connections$/m.test(list) && !/^and \d+ more$/m.test(list);
}

interface Opened {
  readonly local: Address;
  close(): void;
}

/** Null if it does not open. */
function open({ ip, port }: Address): Promise<Opened | null> {
  const { promise, resolve } = Promise.withResolvers<Opened | null>();
  const timer = setTimeout(resolve, PATIENCE_MS, null);
  void Bun.connect({
    hostname: ip,
    port,
    socket: {
      open: (socket) => {
        clearTimeout(timer);
        const local = { ip: unmapIp(socket.localAddress), port: socket.localPort };
        resolve({ local, close: () => void socket.end() });
      },
      connectError: () => {
        clearTimeout(timer);
        resolve(null);
      },
      data() {},
      error() {},
    },
  });
  return promise;
}
