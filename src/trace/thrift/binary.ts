/**
 * The body of a POST to a Jaeger collector (14268/tcp): a bare `Batch` struct in TBinaryProtocol, without a message
 * around it. One buffer for the life of the process; every length has a fixed size, so the number of spans is filled in
 * when the batch is due and nothing is ever moved.
 */

import type { Batch } from "../batch.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Process } from "../process.ts";
import type { Span } from "../span.ts";
import { writeSpan, writeStructs } from "./binary-span.ts";
import { STOP, textBytes, textTag } from "./binary-tags.ts";

/** As many as jaeger-client-go puts in one POST (transport/http.go `defaultHTTPBatchSize`). */
export const SPANS_MAX = 100;
/** Spans of the usual kilobyte come nowhere near it. */
export const BODY_MAX_BYTES = 512 * 1024;

const PROCESS_STRUCT = Buffer.of(0x0c, 0, 1);
const SERVICE_NAME = Buffer.of(0x0b, 0, 1);
/** Its type, id, element type and number. */
const LIST_HEADER_BYTES = 8;
/** The end of Batch. */
const END_BYTES = 1;
/** Behind the limit, because the span encoder wants room for the worst case before it writes. */
const SLACK_BYTES = 256;

export class BinaryBatch implements Batch {
  readonly #packet: Packet;
  readonly #spansMax: number;
  readonly #list: number;
  readonly #first: number;
  readonly #limit: number;
  #count = 0;
  #end: number;

  /** No message has more than `spansMax` spans or `maxBytes`. */
  constructor(process: Process, spansMax = SPANS_MAX, maxBytes = BODY_MAX_BYTES) {
    const prefix = Buffer.concat([PROCESS_STRUCT, processBytes(process)]);
    this.#spansMax = spansMax;
    this.#list = prefix.length;
    this.#first = prefix.length + LIST_HEADER_BYTES;
    this.#limit = Math.max(this.#first, maxBytes - END_BYTES);
    const bytes = new Uint8Array(this.#limit + END_BYTES + SLACK_BYTES);
    bytes.set(prefix);
    this.#packet = { bytes, view: new DataView(bytes.buffer) };
    this.#end = this.#first;
  }

  get count(): number {
    return this.#count;
  }

  add(span: Span): boolean {
    if (this.#count === this.#spansMax) return false;
    const end = writeSpan(this.#packet, this.#end, span);
    if (end === NO_ROOM || end > this.#limit) return false;
    this.#end = end;
    this.#count++;
    return true;
  }

  message(): Uint8Array {
    const { bytes, view } = this.#packet;
    writeStructs(view, this.#list, 2, this.#count);
    bytes[this.#end] = STOP;
    return bytes.subarray(0, this.#end + END_BYTES);
  }

  clear(): void {
    this.#count = 0;
    this.#end = this.#first;
  }
}

function processBytes({ serviceName, tags }: Process): Uint8Array {
  const list = new DataView(new ArrayBuffer(LIST_HEADER_BYTES));
  writeStructs(list, 0, 2, tags.length);
  const encoded = tags.map(({ key, value }) => textTag(key, value));
  return Buffer.concat([
    SERVICE_NAME,
    textBytes(serviceName),
    new Uint8Array(list.buffer),
    ...encoded,
    Buffer.of(STOP),
  ]);
}
