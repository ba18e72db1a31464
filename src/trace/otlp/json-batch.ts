import type { Batch } from "../batch.ts";
import type { Span } from "../span.ts";
import { envelope, spanJson } from "./json.ts";
import { BODY_MAX_BYTES } from "./protobuf-batch.ts";
import type { Resource } from "./resource.ts";

const COMMA = 0x2c;

/** The body of a POST to an OTLP collector in JSON: see `json.ts`. One buffer for the life of the process. */
export class OtlpJsonBatch implements Batch {
  readonly #bytes: Buffer;
  readonly #behind: Buffer;
  readonly #spansMax: number;
  readonly #first: number;
  readonly #limit: number;
  #count = 0;
  #end: number;

  /** No message has more than `spansMax` spans or `maxBytes`. */
  constructor(resource: Resource, spansMax: number, maxBytes = 2 * BODY_MAX_BYTES) {
    const { before, behind } = envelope(resource);
    this.#behind = Buffer.from(behind);
    this.#spansMax = spansMax;
    this.#first = Buffer.byteLength(before);
    this.#limit = Math.max(this.#first, maxBytes - this.#behind.length);
    this.#bytes = Buffer.alloc(this.#limit + this.#behind.length);
    this.#bytes.write(before);
    this.#end = this.#first;
  }

  get count(): number {
    return this.#count;
  }

  add(span: Span): boolean {
    if (this.#count === this.#spansMax) return false;
    const json = spanJson(span);
    const start = this.#count === 0 ? this.#first : this.#end + 1;
    if (start + Buffer.byteLength(json) > this.#limit) return false;
    if (this.#count > 0) this.#bytes[this.#end] = COMMA;
    this.#end = start + this.#bytes.write(json, start);
    this.#count++;
    return true;
  }

  message(): Uint8Array {
    const end = this.#end + this.#behind.copy(this.#bytes, this.#end);
    return this.#bytes.subarray(0, end);
  }

  clear(): void {
    this.#count = 0;
    this.#end = this.#first;
  }
}
