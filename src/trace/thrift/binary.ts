/**
 * The body of a POST to a Jaeger collector (14268/tcp): a bare `Batch` struct in TBinaryProtocol, without a message
 * around it. Every length has a fixed size, so the number of spans is filled in when the batch is due and nothing is
 * ever moved.
 */
import { PacketBatch } from "../packet-batch.ts";
import type { Process } from "../process.ts";
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

export class BinaryBatch extends PacketBatch {
  readonly #list: number;

  /** No message has more than `spansMax` spans or `maxBytes`. */
  constructor(process: Process, spansMax = SPANS_MAX, maxBytes = BODY_MAX_BYTES) {
    const prefix = Buffer.concat([PROCESS_STRUCT, processBytes(process)]);
    const beforeBytes = prefix.length + LIST_HEADER_BYTES;
    super(writeSpan, { beforeBytes, behindBytes: END_BYTES, maxBytes, spansMax });
    this.#list = prefix.length;
    this.packet.bytes.set(prefix);
  }

  message(): Uint8Array {
    const { bytes, view } = this.packet;
    writeStructs(view, this.#list, 2, this.count);
    bytes[this.end] = STOP;
    return bytes.subarray(0, this.end + END_BYTES);
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
