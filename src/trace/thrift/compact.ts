/**
 * The datagram for a Jaeger agent (6831/udp): a oneway call `Agent.emitBatch` in TCompactProtocol.
 *
 * Spans are written behind a gap; when the datagram is due, what stands before the spans (message header, process, list
 * header, whose length depends on their number) is written right-aligned into the gap. So nothing is ever moved, and the
 * bytes are the canonical ones that jaeger-client-go sends.
 */
import { copyBytes } from "../copy.ts";
import { PacketBatch } from "../packet-batch.ts";
import type { Process } from "../process.ts";
import { writeListHeader, writeSpan } from "./compact-span.ts";
import { STOP, textBytes, textTag } from "./compact-tags.ts";

/** Receivers take datagrams up to this size (Jaeger's `max_packet_size`). */
export const PACKET_MAX_BYTES = 65_000;

/** Version 1, oneway, sequence id 1, `emitBatch`, then the headers of args field 1 and of Batch field 1. */
const MESSAGE = Buffer.concat([Buffer.of(0x82, 0x81, 0x01), textBytes("emitBatch"), Buffer.of(0x1c, 0x1c)]);
const SPANS_LIST = 0x19;
/** `FC` and a varint for any number of spans that fits. */
const LIST_HEADER_MAX_BYTES = 4;
/** The ends of Batch and of the arguments. */
const END_BYTES = 2;

export class CompactBatch extends PacketBatch {
  readonly #prefix: Uint8Array;

  /** No message is larger than `maxBytes`. */
  constructor(process: Process, maxBytes = PACKET_MAX_BYTES) {
    const prefix = Buffer.concat([MESSAGE, processBytes(process), Buffer.of(SPANS_LIST)]);
    const beforeBytes = prefix.length + LIST_HEADER_MAX_BYTES;
    super(writeSpan, { beforeBytes, behindBytes: END_BYTES, maxBytes, spansMax: Number.MAX_SAFE_INTEGER });
    this.#prefix = prefix;
  }

  message(): Uint8Array {
    const { bytes } = this.packet;
    const listHeader = Buffer.alloc(LIST_HEADER_MAX_BYTES);
    const listHeaderBytes = writeListHeader(listHeader, 0, this.count);
    const start = this.first - listHeaderBytes - this.#prefix.length;
    const at = copyBytes(bytes, start, this.#prefix, 0, this.#prefix.length);
    copyBytes(bytes, at, listHeader, 0, listHeaderBytes);
    bytes[this.end] = STOP;
    bytes[this.end + 1] = STOP;
    return bytes.subarray(start, this.end + END_BYTES);
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
