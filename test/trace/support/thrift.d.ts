/** npm `thrift` without its types: the reading half of two protocols. */
declare module "thrift/lib/nodejs/lib/thrift/compact_protocol.js" {
  export interface ReadTransport {
    read(length: number): Buffer;
    readByte(): number;
    readString(length: number): string;
  }
  export default class TCompactProtocol {
    constructor(transport: ReadTransport);
    readMessageBegin(): { fname: string; mtype: number; rseqid: number };
    readStructBegin(): void;
    readStructEnd(): void;
    readFieldBegin(): { ftype: number; fid: number };
    readFieldEnd(): void;
    readListBegin(): { etype: number; size: number };
    readListEnd(): void;
    readBool(): boolean;
    readI32(): number;
    readI64(): { buffer: Buffer };
    readDouble(): number;
    readBinary(): Buffer;
  }
}
declare module "thrift/lib/nodejs/lib/thrift/binary_protocol.js" {
  import type { ReadTransport } from "thrift/lib/nodejs/lib/thrift/compact_protocol.js";
  import TCompactProtocol from "thrift/lib/nodejs/lib/thrift/compact_protocol.js";
  export interface BinaryReadTransport extends ReadTransport {
    readI16(): number;
    readI32(): number;
    readDouble(): number;
  }
  export default class TBinaryProtocol extends TCompactProtocol {
    constructor(transport: BinaryReadTransport);
  }
}
