import TBinaryProtocol from "thrift/lib/nodejs/lib/thrift/binary_protocol.js";
import TCompactProtocol from "thrift/lib/nodejs/lib/thrift/compact_protocol.js";

type ReadProtocol = TBinaryProtocol | TCompactProtocol;

/** Any struct: field id → value. i64 are bigints, strings are Buffers. */
export type Fields = Record<number, unknown>;

const STOP = 0;
const BOOL = 2;
const DOUBLE = 4;
const I32 = 8;
const I64 = 10;
const STRING = 11;
const STRUCT = 12;
const LIST = 15;

class Bytes {
  #at = 0;
  constructor(readonly bytes: Buffer) {}
  read(length: number): Buffer {
    if (this.#at + length > this.bytes.length) throw new Error("read past the end");
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }
  readByte(): number {
    return this.read(1).readInt8();
  }
  readI16(): number {
    return this.read(2).readInt16BE();
  }
  readI32(): number {
    return this.read(4).readInt32BE();
  }
  readDouble(): number {
    return this.read(8).readDoubleBE();
  }
  readString(length: number): string {
    return this.read(length).toString("utf8");
  }
  get rest(): number {
    return this.bytes.length - this.#at;
  }
}

function readStruct(protocol: ReadProtocol): Fields {
  const fields: Fields = {};
  protocol.readStructBegin();
  for (;;) {
    const { ftype, fid } = protocol.readFieldBegin();
    if (ftype === STOP) break;
    fields[fid] = readValue(protocol, ftype);
    protocol.readFieldEnd();
  }
  protocol.readStructEnd();
  return fields;
}

function readValue(protocol: ReadProtocol, type: number): unknown {
  switch (type) {
    case BOOL:
      return protocol.readBool();
    case DOUBLE:
      return protocol.readDouble();
    case I32:
      return protocol.readI32();
    case I64:
      return protocol.readI64().buffer.readBigInt64BE();
    case STRING:
      return Buffer.from(protocol.readBinary());
    case STRUCT:
      return readStruct(protocol);
    case LIST: {
      const { etype, size } = protocol.readListBegin();
      return Array.from({ length: size }, () => readValue(protocol, etype));
    }
    default:
      throw new Error(`type ${type} does not occur in jaeger.thrift`);
  }
}

export interface ReadSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  operationName: string;
  references: { type: number; traceId: string; spanId: string }[];
  flags: number;
  startTime: number;
  duration: number;
  tags: [key: string, value: unknown][];
}

export interface ReadBatch {
  serviceName: string;
  processTags: [key: string, value: unknown][];
  spans: ReadSpan[];
}

export interface ReadMessage extends ReadBatch {
  name: string;
  type: number;
}

/** Reads an `emitBatch` datagram with npm `thrift`: nothing of ours. Throws when bytes are missing or left over. */
export function readEmitBatch(datagram: Uint8Array): ReadMessage {
  const bytes = new Bytes(Buffer.from(datagram));
  const protocol = new TCompactProtocol(bytes);
  const { fname, mtype } = protocol.readMessageBegin();
  const args = readStruct(protocol);
  if (bytes.rest !== 0) throw new Error(`${bytes.rest} bytes left over`);
  return { name: fname, type: mtype, ...batchOf(args[1] as Fields) };
}

/** Reads a bare `Batch` in the binary protocol, in the same way. */
export function readBatch(body: Uint8Array): ReadBatch {
  const bytes = new Bytes(Buffer.from(body));
  const batch = readStruct(new TBinaryProtocol(bytes));
  if (bytes.rest !== 0) throw new Error(`${bytes.rest} bytes left over`);
  return batchOf(batch);
}

function batchOf(batch: Fields): ReadBatch {
  const process = batch[1] as Fields;
  return {
    serviceName: String(process[1]),
    processTags: readTags(process[2]),
    spans: (batch[2] as Fields[]).map(readSpan),
  };
}

function readSpan(span: Fields): ReadSpan {
  return {
    traceId: hex(span[2]) + hex(span[1]),
    spanId: hex(span[3]),
    parentSpanId: hex(span[4]),
    operationName: String(span[5]),
    references: (span[6] as Fields[]).map((reference) => ({
      type: reference[1] as number,
      traceId: hex(reference[3]) + hex(reference[2]),
      spanId: hex(reference[4]),
    })),
    flags: span[7] as number,
    startTime: Number(span[8]),
    duration: Number(span[9]),
    tags: readTags(span[10]),
  };
}

/** By vType: string, double, boolean, long (as bigint). */
function readTags(tags: unknown): [string, unknown][] {
  return (tags as Fields[]).map((tag) => {
    const value = tag[3 + (tag[2] as number)];
    return [String(tag[1]), value instanceof Buffer ? value.toString("utf8") : value];
  });
}

function hex(id: unknown): string {
  return BigInt.asUintN(64, id as bigint)
    .toString(16)
    .padStart(16, "0");
}
