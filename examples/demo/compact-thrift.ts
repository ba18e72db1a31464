/**
 * A reader of Thrift's compact protocol: bytes → values, without an IDL
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 * Everything unreadable throws a RangeError, which is also what DataView says at the end of the bytes.
 */
export type ThriftValue = boolean | bigint | number | Uint8Array | ThriftValue[] | ThriftStruct;

/** Field id → value. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

export interface ThriftMessage {
  readonly name: string;
  readonly args: ThriftStruct;
}

const PROTOCOL_ID = 0x82;
const VERSION = 1;
const MAX_VARINT_BITS = 63n;
const MAX_DEPTH = 16;

const Type = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
} as const;

/** The message in `packet`, whatever its type and sequence number. */
export function readMessage(packet: Uint8Array): ThriftMessage {
  const reader = new CompactReader(packet);
  if (reader.byte() !== PROTOCOL_ID) throw new RangeError("not a compact Thrift message");
  if ((reader.byte() & 0x1f) !== VERSION) throw new RangeError("unknown version of compact Thrift");
  reader.varint();
  return { name: new TextDecoder().decode(reader.binary()), args: reader.struct() };
}

class CompactReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  /** Seven bits a byte, lowest first; the top bit says that more follow. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift <= MAX_VARINT_BITS; shift += 7n) {
      const byte = BigInt(this.byte());
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
    throw new RangeError("varint longer than 64 bits");
  }

  /** 0, -1, 1, -2 … travel as 0, 1, 2, 3 …: small numbers of either sign stay short. */
  integer(): bigint {
    const value = this.varint();
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }

  /** Little-endian, as the C++ and Go libraries write it; the first specification said otherwise. */
  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  binary(): Uint8Array {
    const length = Number(this.varint());
    if (length > this.#bytes.length - this.#at) throw new RangeError("string longer than the packet");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A field's header is its type and how far its id is from the one before, or 0 and the id itself. */
  struct(): ThriftStruct {
    if (++this.#depth > MAX_DEPTH) throw new RangeError("structs nested too deep");
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (let header = this.byte(); header !== Type.stop; header = this.byte()) {
      const delta = header >> 4;
      id = delta === 0 ? Number(this.integer()) : id + delta;
      fields.set(id, this.#field(header & 0x0f));
    }
    this.#depth--;
    return fields;
  }

  // A boolean field has no bytes of its own: its type is its value.
  #field(type: number): ThriftValue {
    return type === Type.true || type === Type.false ? type === Type.true : this.#value(type);
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case Type.true:
      case Type.false:
        return this.byte() === Type.true;
      case Type.byte:
        return BigInt.asIntN(8, BigInt(this.byte()));
      case Type.i16:
      case Type.i32:
      case Type.i64:
        return this.integer();
      case Type.double:
        return this.double();
      case Type.binary:
        return this.binary();
      case Type.list:
      case Type.set:
        return this.#list();
      case Type.struct:
        return this.struct();
      default:
        throw new RangeError(`compact Thrift type ${type} is not known here`);
    }
  }

  #list(): ThriftValue[] {
    const header = this.byte();
    const length = header >> 4 === 15 ? Number(this.varint()) : header >> 4;
    if (length > this.#bytes.length - this.#at) throw new RangeError("list longer than the packet");
    return Array.from({ length }, () => this.#value(header & 0x0f));
  }
}
