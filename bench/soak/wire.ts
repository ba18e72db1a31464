/** One end of a TCP connection that is read and written step by step. */
import type { Socket, TCPSocketListener } from "bun";

/** More than this is left in the kernel until somebody reads. */
const READ_AHEAD_BYTES = 256 * 1024;

export class Wire {
  #socket!: Socket<Wire>;
  readonly #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #ending: "fin" | "rst" | null = null;
  #isPaused = false;
  #wakeReader = () => {};
  #wakeWriter = () => {};

  static readonly #events = {
    binaryType: "uint8array" as const,
    open(socket: Socket<Wire>) {
      socket.data.#socket = socket;
    },
    data: ({ data: wire }: Socket<Wire>, chunk: Uint8Array) => wire.#take(chunk),
    drain: ({ data: wire }: Socket<Wire>) => wire.#wakeWriter(),
    end: ({ data: wire }: Socket<Wire>) => wire.#end("fin"),
    close: ({ data: wire }: Socket<Wire>, error?: Error) => wire.#end(error === undefined ? "fin" : "rst"),
    error() {},
    connectError() {},
  };

  /** Throws if the connection is refused. */
  static async connect(ip: string, port: number): Promise<Wire> {
    const data = new Wire();
    await Bun.connect<Wire>({ hostname: ip, port, allowHalfOpen: true, data, socket: Wire.#events });
    return data;
  }

  /** Calls `serve` with every connection to `port`. */
  static listen(port: number, serve: (wire: Wire) => void): TCPSocketListener<Wire> {
    const open = (socket: Socket<Wire>) => {
      socket.data = new Wire();
      socket.data.#socket = socket;
      serve(socket.data);
    };
    const socket = { ...Wire.#events, open };
    return Bun.listen<Wire>({ hostname: "::", port, allowHalfOpen: true, socket });
  }

  /** The next bytes, at most so many; null when the other end has finished. Throws if it has reset. */
  async read(atMost = Number.POSITIVE_INFINITY): Promise<Uint8Array | null> {
    while (this.#arrived.length === 0) {
      if (this.#ending === "rst") throw new Error("reset");
      if (this.#ending === "fin") return null;
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
    const bytes = this.#arrived.shift()!;
    if (bytes.length > atMost) this.#arrived.unshift(bytes.subarray(atMost));
    const taken = bytes.subarray(0, atMost);
    this.#arrivedBytes -= taken.length;
    this.#resumeIfRead();
    return taken;
  }

  /** Gives back what was read too much: it is read again. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#arrived.unshift(bytes);
    this.#arrivedBytes += bytes.length;
  }

  /** Resolves when the kernel has taken everything. Throws if the connection is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const taken = this.#socket.write(rest);
      if (taken < 0 || this.#ending === "rst") throw new Error("the connection is gone");
      rest = rest.subarray(taken);
      if (rest.length > 0) await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    }
  }

  /** Sends FIN; reading goes on. */
  finish(): void {
    this.#socket.shutdown();
  }

  /** Sends RST, whatever is under way. */
  reset(): void {
    this.#socket.terminate();
  }

  #take(chunk: Uint8Array): void {
    this.#arrived.push(chunk);
    this.#arrivedBytes += chunk.length;
    if (this.#arrivedBytes > READ_AHEAD_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    this.#wakeReader();
  }

  #resumeIfRead(): void {
    if (!this.#isPaused || this.#arrivedBytes > 0) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #end(ending: "fin" | "rst"): void {
    if (this.#ending !== "rst") this.#ending = ending;
    this.#wakeReader();
    this.#wakeWriter();
  }
}
