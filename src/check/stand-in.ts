/** Where no sidecar runs: what one would find at its start, by the same test, as the user that the check runs as. */
import { linuxKernel } from "../../ffi/kernel.ts";
import type { Log } from "../log.ts";
import { type Exemption, proveExemption, seesNat } from "../proxy/exemption.ts";
import { ownIps, reachableOwnIp } from "../proxy/own-ips.ts";
import { ProxyError, startProxy } from "../proxy/proxy.ts";

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

export interface Tested {
  /** Null: we have no address to test with. */
  readonly nat: boolean | null;
  readonly exemption: Exemption;
}

/**
 * Listens on the sidecar's port for as long as the test takes, a second at most, and resets whatever else comes: nobody
 * would take it anyway. A ProxyError if it cannot.
 */
export async function testRules(port: number, probePort: number): Promise<Tested | ProxyError> {
  const proxy = startProxy({
    port,
    maxConnections: 0,
    connectTimeoutMs: 0,
    halfClosedIdleSeconds: 1,
    kernel: linuxKernel,
    log: SILENT,
    handlerFactory: () => null,
    observers: [],
    ownIps,
    now: () => performance.now(),
    uid: process.getuid!(),
    gid: process.getgid!(),
  });
  if (proxy instanceof ProxyError) return proxy;
  const ip = reachableOwnIp();
  const nat = ip === null ? null : await seesNat(proxy, ip);
  const exemption = await proveExemption(proxy, ip, probePort);
  proxy.stop();
  return { nat, exemption };
}
