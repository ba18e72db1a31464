import type { SocketLike } from "../../src/proxy/outbox.ts";

/** A socket that takes `room` bytes and then refuses, and remembers in `events` what was done to it. */
export class FakeSocket implements SocketLike {
  readonly events: string[] = [];
  /** Whatever the owner of a Bun socket would keep there. */
  data: unknown;
  isPaused = false;
  isShut = false;
  isClosed = false;
  /** How many bytes it had taken when it was last told to wait for FIN, -1 if never. */
  corkedAt = -1;
  /** The FIN of its peer has come, of which the runtime tells later. */
  hasFin = false;
  /** Its peer has reset it, and only a write will find out. */
  isDead = false;
  /** Runs inside `terminate`, as Bun's close event does. */
  onClose: () => void = () => {};
  private taken: Uint8Array[] = [];

  constructor(
    public room = Number.POSITIVE_INFINITY,
    readonly fd = 7,
  ) {}

  write(bytes: Uint8Array): number {
    if (this.isShut || this.isClosed || this.isDead) return -1;
    const taken = Math.min(this.room, bytes.byteLength);
    this.room -= taken;
    this.taken.push(new Uint8Array(bytes.subarray(0, taken)));
    return taken;
  }

  cork(): void {
    this.corkedAt = this.text.length;
  }

  shutdown(): void {
    this.isShut = true;
    this.events.push("fin");
  }

  terminate(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.events.push("rst");
    this.onClose();
  }

  end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.events.push("end");
    this.onClose();
  }

  pause(): void {
    this.isPaused = true;
    this.events.push("pause");
  }

  resume(): void {
    this.isPaused = false;
    this.events.push("resume");
  }

  /** Everything it took, as text. */
  get text(): string {
    return Buffer.concat(this.taken).toString("latin1");
  }

  get writes(): number {
    return this.taken.length;
  }
}
