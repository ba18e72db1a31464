import type { Socket, TCPSocketListener } from "bun";

/** Left out of the types of Bun.connect. */
interface LocalEnd {
  readonly localAddress?: string;
  readonly localPort?: number;
}

type Ending = "open" | "fin" | "rst";

/** One end of a real TCP connection in a test: remembers what came, and queues what the kernel does not take. */
export class Peer {
  socket!: Socket<Peer>;
  /** How the other end finished. */
  ending: Ending = "open";
  receivedBytes = 0;
  readonly hash = new Bun.CryptoHasher("md5");
  private chunks: Uint8Array[] | null = [];
  private unsent: Uint8Array = new Uint8Array(0);
  private finWanted = false;
  private finSent = false;
  private finsBack = false;
  private wake = () => {};

  static readonly events = {
    binaryType: "uint8array" as const,
    open(socket: Socket<Peer>) {
      socket.data.socket = socket;
    },
    data({ data: peer }: Socket<Peer>, chunk: Uint8Array) {
      peer.took(chunk);
    },
    drain({ data: peer }: Socket<Peer>) {
      peer.flush();
    },
    end({ data: peer }: Socket<Peer>) {
      peer.finished("fin");
    },
    close({ data: peer }: Socket<Peer>, error?: Error) {
      peer.finished(error === undefined ? "fin" : "rst");
    },
    error() {},
    connectError() {},
  };

  /** `from` is the local end, where it matters: Bun takes a port only with an address. */
  static async connect(port: number, hostname = "127.0.0.1", from: LocalEnd = {}): Promise<Peer> {
    const peer = new Peer();
    const { events: socket } = Peer;
    await Bun.connect<Peer>({ hostname, port, ...from, allowHalfOpen: true, data: peer, socket });
    return peer;
  }

  /** Keeps no bytes, only their count and hash: for transfers of many megabytes. */
  countOnly(): this {
    this.chunks = null;
    return this;
  }

  /** Answers FIN with FIN. */
  finBack(): this {
    this.finsBack = true;
    return this;
  }

  get text(): string {
    return Buffer.concat(this.chunks ?? []).toString("latin1");
  }

  send(bytes: Uint8Array | string): this {
    this.unsent = Buffer.concat([this.unsent, Buffer.from(bytes as string, "latin1")]);
    this.flush();
    return this;
  }

  fin(): this {
    this.finWanted = true;
    this.flush();
    return this;
  }

  rst(): this {
    this.socket.terminate();
    return this;
  }

  /** Waits until `condition` holds for this peer, checked at each of its events; fails after 10 s. */
  async until(condition: (peer: Peer) => boolean): Promise<this> {
    const deadline = performance.now() + 10_000;
    while (!condition(this)) {
      if (performance.now() > deadline) throw new Error(`waited in vain: ${this.ending}, "${this.text}"`);
      await Promise.race([new Promise<void>((resolve) => (this.wake = resolve)), Bun.sleep(50)]);
    }
    return this;
  }

  /** Waits for the other end's FIN. */
  over(): Promise<this> {
    return this.until(({ ending }) => ending === "fin");
  }

  private took(chunk: Uint8Array): void {
    this.receivedBytes += chunk.byteLength;
    this.hash.update(chunk);
    this.chunks?.push(chunk);
    this.wake();
  }

  private flush(): void {
    if (this.finSent) return;
    const sent = this.unsent.byteLength === 0 ? 0 : this.socket.write(this.unsent);
    if (sent < 0) this.finished("rst"); // the write met the RST; Bun goes on to report an orderly end
    if (sent > 0) this.unsent = this.unsent.subarray(sent);
    if (this.unsent.byteLength > 0 || !this.finWanted) return;
    this.finSent = true;
    this.socket.shutdown();
  }

  private finished(ending: Ending): void {
    if (this.ending === "open" || ending === "rst") this.ending = ending;
    if (this.finsBack) this.fin();
    this.wake();
  }
}

/** A server whose connections are peers, in the order in which they came. */
export class PeerServer {
  readonly peers: Peer[] = [];
  private readonly listener: TCPSocketListener<Peer>;

  constructor(onOpen: (peer: Peer) => void = () => {}, hostname = "127.0.0.1") {
    const open = (socket: Socket<Peer>) => {
      socket.data = new Peer();
      socket.data.socket = socket;
      this.peers.push(socket.data);
      onOpen(socket.data);
    };
    this.listener = Bun.listen<Peer>({
      hostname,
      port: 0,
      allowHalfOpen: true,
      socket: { ...Peer.events, open },
    });
  }

  get port(): number {
    return this.listener.port;
  }

  /** The next connection that comes, or the first if it is there already. */
  async first(): Promise<Peer> {
    const deadline = performance.now() + 4000;
    while (this.peers.length === 0) {
      if (performance.now() > deadline) throw new Error("nobody connected");
      await Bun.sleep(2);
    }
    return this.peers[0]!;
  }

  close(): void {
    this.listener.stop(true);
  }
}
