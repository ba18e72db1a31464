/**
 * The datagram for a Jaeger agent (6831/udp): a oneway call `Agent.emitBatch` in TCompactProtocol.
 *
 * One buffer for the life of the process. Spans are written behind a gap; when the datagram is due, what stands before
 * the spans (message header, process, list header, whose length depends on their number) is written right-aligned into
 * the gap. So nothing is ever moved, and the bytes are the canonical ones that jaeger-client-go sends.
 */
import type { Batch } from "../batch.ts";
import { copyBytes } from "../copy.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Process } from "../process.ts";
import type { Span } from "../span.ts";
import { writeListHeader, writeSpan } from "./compact-span.ts";
import { STOP, textBytes, textTag } from "./compact-tags.ts";

/** Receivers take datagrams up to this size (Jaeger's `max_packet_size`). */
export const PACKET_MAX_BYTES = 65_000;

/** Version 1, oneway, sequence id 1, `emitBatch`, then the headers of args field 1 and of Batch field 1. */
const MESSAGE = Buffer.concat([Buffer.of(0x82, 0x81, 0x01), textBytes("emitBatch"), Buffer.of(0x1c, 0x1c)]);
const SPANS_LIST = 0x19;
/** `FC` and a varint for any number of spans that fits. */
const LIST_HEADER_MAX_BYTES = 4;
/** Behind the limit, because the span encoder wants room for the worst case before it writes. */
const SLACK_BYTES = 256;
/** The ends of Batch and of the arguments. */
const END_BYTES = 2;

export class CompactBatch implements Batch {
  #count = 0;
  readonly #prefix: Uint8Array;
  readonly #buf: Buffer;
  readonly #packet: Packet;
  readonly #first: number;
  readonly #limit: number;
  #end: number;

  /** No message is larger than `maxBytes`. */
  constructor(process: Process, maxBytes = PACKET_MAX_BYTES) {
    this.#prefix = Buffer.concat([MESSAGE, processBytes(process), Buffer.of(SPANS_LIST)]);
    this.#first = this.#prefix.length + LIST_HEADER_MAX_BYTES;
    this.#limit = Math.max(this.#first, maxBytes - END_BYTES);
    this.#buf = Buffer.alloc(this.#limit + END_BYTES + SLACK_BYTES);
    this.#packet = {
      bytes: this.#buf,
      view: new DataView(this.#buf.buffer, this.#buf.byteOffset, this.#buf.length),
    };
    this.#end = this.#first;
  }

  get count(): number {
    return this.#count;
  }

  add(span: Span): boolean {
    const end = writeSpan(this.#packet, this.#end, span);
    if (end === NO_ROOM || end > this.#limit) return false;
    this.#end = end;
    this.#count++;
    return true;
  }

  message(): Uint8Array {
    const listHeader = Buffer.alloc(LIST_HEADER_MAX_BYTES);
    const listHeaderBytes = writeListHeader(listHeader, 0, this.#count);
    const start = this.#first - listHeaderBytes - this.#prefix.length;
    const at = copyBytes(this.#buf, start, this.#prefix, 0, this.#prefix.length);
    copyBytes(this.#buf, at, listHeader, 0, listHeaderBytes);
    this.#buf[this.#end] = STOP;
    this.#buf[this.#end + 1] = STOP;
    return this.#buf.subarray(start, this.#end + END_BYTES);
  }

  clear(): void {
    this.#count = 0;
    this.#end = this.#first;
  }
}

function processBytes({ serviceName, tags }: Process): Uint8Array {
  const count = Buffer.alloc(LIST_HEADER_MAX_BYTES);
  const list = count.subarray(0, writeListHeader(count, 0, tags.length));
  const encoded = tags.map(({ key, value }) => textTag(key, value));
  return Buffer.concat([
    Buffer.of(0x18),
    textBytes(serviceName),
    Buffer.of(0x19),
    list,
    ...encoded,
    Buffer.of(STOP),
  ]);
}
