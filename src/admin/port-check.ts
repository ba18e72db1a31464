/**
 * Does anything accept connections on a port? A dial cannot be aborted: where nothing is heard of it, it holds its file
 * until the kernel gives up, after about two minutes. So an address has at most two dials at a time.
 */
import { type Address, formatAddress } from "../address.ts";

const MAX_DIALS = 2;

/** - `open`: it accepted. - `refused`: it did not. - `silent`: nothing was heard in time. */
export type PortState = "open" | "refused" | "silent";

export class PortCheck {
  /** Dials in the kernel, by address. */
  readonly #dials = new Map<string, number>();

  /** Connects to `address` and closes at once. */
  check({ ip, port }: Address, timeoutMs: number): Promise<PortState> {
    const name = formatAddress({ ip, port });
    const dials = this.#dials.get(name) ?? 0;
    if (dials >= MAX_DIALS) return Promise.resolve("silent");
    this.#dials.set(name, dials + 1);
    const { promise, resolve } = Promise.withResolvers<PortState>();
    const timer = setTimeout(resolve, timeoutMs, "silent");
    const settle = (state: PortState) => {
      clearTimeout(timer);
      this.#settled(name);
      resolve(state);
    };
    dial(ip, port, settle);
    return promise;
  }

  #settled(name: string): void {
    const dials = this.#dials.get(name)! - 1;
    if (dials === 0) this.#dials.delete(name);
    else this.#dials.set(name, dials);
  }
}

/** The application sees what it sees of the kubelet: a connection that closes without a byte. */
function dial(hostname: string, port: number, settle: (state: PortState) => void): void {
  const open = (socket: { end(): void }) => {
    socket.end();
    settle("open");
  };
  const connectError = () => settle("refused");
  void Bun.connect({ hostname, port, socket: { open, connectError, data() {}, error() {} } });
}
