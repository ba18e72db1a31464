import type { Address } from "../../src/address.ts";
import type { HandlerFactory } from "../../src/proxy/handler.ts";
import { ProxyError, type ProxyOptions, type RunningProxy, startProxy } from "../../src/proxy/proxy.ts";
import { FakeKernel } from "../fakes/kernel.ts";
import { MemoryLog } from "../fakes/log.ts";

export const opaque: HandlerFactory = () => null;

/** A proxy on loopback, without NAT: every connection goes to `dst`. */
export class RelayBench {
  readonly kernel: FakeKernel;
  readonly log = new MemoryLog();
  readonly proxy: RunningProxy;
  readonly options: ProxyOptions;

  constructor(dst: Address | null, options: Partial<ProxyOptions> = {}) {
    this.kernel = new FakeKernel(dst);
    this.options = { ...this.defaults(), ...options };
    const proxy = startProxy(this.options);
    if (proxy instanceof ProxyError) throw new Error(proxy.message);
    this.proxy = proxy;
    // Without NAT a client and an upstream may share a local port, which the loop guard would take for a loop.
    proxy.trustExemption();
  }

  private defaults(): ProxyOptions {
    return {
      port: 0,
      maxConnections: 5000,
      connectTimeoutMs: 0,
      halfClosedIdleSeconds: 20,
      kernel: this.kernel,
      log: this.log,
      handlerFactory: opaque,
      observers: [],
      ownIps: () => new Set<string>(),
      now: () => performance.now(),
      uid: 1337,
      gid: 1337,
    };
  }

  /** Waits until no session is open. */
  async idle(): Promise<void> {
    const deadline = performance.now() + 4000;
    while (this.proxy.openConnections > 0) {
      if (performance.now() > deadline) throw new Error(`${this.proxy.openConnections} sessions stay open`);
      await Bun.sleep(2);
    }
  }

  readonly close = (): void => {
    this.proxy.stop();
    this.proxy.resetAll();
  };
}
