import { seesNat } from "./exemption.ts";
import type { RunningProxy } from "./proxy.ts";

/**
 * Whether a NAT rule is in force in this network namespace, as far as an unprivileged process can see: a connection was
 * redirected here, or one of our own to ourselves has an original destination. Once seen, it is believed.
 */
export class NatWatch {
  readonly #proxy: RunningProxy;
  readonly #ownIp: () => string | null;
  #seen = false;
  #looking: Promise<boolean> | null = null;

  constructor(proxy: RunningProxy, ownIp: () => string | null) {
    this.#proxy = proxy;
    this.#ownIp = ownIp;
  }

  /** Looks, where it has not been seen yet: at most one connection at a time, at most 250 ms. */
  async sees(): Promise<boolean> {
    if (this.#seen || this.#wasRedirected()) return true;
    this.#looking ??= this.#look();
    this.#seen = await this.#looking;
    this.#looking = null;
    return this.#seen;
  }

  /** Only a connection with an original destination becomes a session. */
  #wasRedirected(): boolean {
    const { openConnections, counters } = this.#proxy;
    return openConnections > 0 || Object.values(counters.closed).some((count) => count > 0);
  }

  async #look(): Promise<boolean> {
    const ip = this.#ownIp();
    return ip !== null && (await seesNat(this.#proxy, ip));
  }
}
