/**
 * Gathers what one client chunk turns into, so that it usually leaves in one write: edited heads and small pieces
 * around them in a scratch buffer, anything else as a view of the chunk itself.
 */
import type { HeadEdit } from "../http1/edit.ts";
import type { Head } from "../http1/head.ts";
import type { Relay } from "../proxy/handler.ts";

const SCRATCH_BYTES = 256 * 1024;
/** Above it a second write is cheaper than copying. */
const MAX_COPIED_BYTES = 16 * 1024;

/** Shared by all connections: used and emptied within one synchronous call. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

export class RequestWriter {
  #used = 0;
  #chunk: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  /** `out` is where it writes to. */
  constructor(public out: Pick<Relay, "toUpstream">) {}

  /** A head and its changes. */
  head(head: Head, edit: HeadEdit): void {
    if (edit.isEmpty) {
      this.wire(head.buf, head.start, head.end);
      return;
    }
    this.#gather();
    if (this.#used + edit.maxBytes > SCRATCH_BYTES) this.flush();
    this.#used = edit.render(scratch, this.#used);
  }

  /** Bytes that go on unchanged. */
  wire(buf: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    if (this.#chunk === buf && this.#to === from) {
      this.#to = to;
      return;
    }
    if (this.#chunk !== null) this.#gather();
    this.#chunk = buf;
    this.#from = from;
    this.#to = to;
  }

  /** Writes everything. */
  flush(): void {
    if (this.#used > 0) this.#gather();
    this.#flushScratch();
    this.#flushChunk();
  }

  /** Moves the pending piece of the chunk into the scratch buffer if it is small, else writes all up to its end. */
  #gather(): void {
    const size = this.#to - this.#from;
    if (this.#chunk === null) return;
    if (size > MAX_COPIED_BYTES || this.#used + size > SCRATCH_BYTES) {
      this.#flushScratch();
      this.#flushChunk();
      return;
    }
    this.#used += Buffer.prototype.copy.call(this.#chunk, scratch, this.#used, this.#from, this.#to);
    this.#chunk = null;
  }

  #flushScratch(): void {
    if (this.#used === 0) return;
    this.out.toUpstream(scratch.subarray(0, this.#used), true);
    this.#used = 0;
  }

  #flushChunk(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    const whole = this.#from === 0 && this.#to === chunk.length;
    this.#chunk = null;
    this.out.toUpstream(whole ? chunk : chunk.subarray(this.#from, this.#to));
  }
}
