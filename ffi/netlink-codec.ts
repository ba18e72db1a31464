/**
 * Netlink messages as bytes (linux/netlink.h, linux/netfilter/nfnetlink.h); pure.
 *
 *   nlmsghdr   u32 length, u16 type, u16 flags, u32 sequence, u32 port id     host byte order
 *   nfgenmsg   u8 family, u8 version, be16 resource id
 *   nlattr     u16 length (header included, padding not), u16 type; then the payload, padded to 4
 *
 * Host byte order is little-endian on every machine this runs on; nf_tables wants the integers inside
 * attributes big-endian.
 */
/** Flags of a request: it is one; answer also if all is well; answer with every object there is. */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP = 0x300;

export const HEADER_BYTES = 16;
const NFGENMSG_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
const NLA_F_NESTED = 0x8000;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are flags in the type. */
const NLA_TYPE_MASK = 0x3fff;

/** One attribute: a payload, or more attributes. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array | readonly Attribute[];
}

/** One request to a netfilter subsystem. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly family: number;
  readonly resourceId: number;
  readonly attributes: readonly Attribute[];
}

/** One received message; `payload` is what follows the nlmsghdr. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A big-endian unsigned 32-bit payload; a negative number is written as its two's complement. */
export function be32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value);
  return bytes;
}

/** A NUL-terminated string payload. */
export function cString(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}

/** The text of a NUL-terminated string payload. */
export function readCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Requests one after the other, in one buffer; the request at index i has sequence number `firstSequence + i`. */
export function encodeRequests(requests: readonly Request[], firstSequence: number): Uint8Array {
  const sizes = requests.map((request) => HEADER_BYTES + NFGENMSG_BYTES + listBytes(request.attributes));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const out = view(bytes);
  let at = 0;
  requests.forEach((request, i) => {
    writeRequest(out, at, request, sizes[i]!, firstSequence + i);
    at = writeAttributes(bytes, out, at + HEADER_BYTES + NFGENMSG_BYTES, request.attributes);
  });
  return bytes;
}

/** Attributes one after the other, without a message around them. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const bytes = new Uint8Array(listBytes(attributes));
  writeAttributes(bytes, view(bytes), 0, attributes);
  return bytes;
}

function writeRequest(out: DataView, at: number, request: Request, size: number, sequence: number): void {
  out.setUint32(at, size, true);
  out.setUint16(at + 4, request.type, true);
  out.setUint16(at + 6, request.flags, true);
  out.setUint32(at + 8, sequence, true);
  out.setUint8(at + HEADER_BYTES, request.family);
  out.setUint16(at + HEADER_BYTES + 2, request.resourceId);
}

/** `out` is a view of `bytes`. Returns where it ended: a nest's length is known once it is written. */
function writeAttributes(
  bytes: Uint8Array,
  out: DataView,
  start: number,
  attributes: readonly Attribute[],
): number {
  let at = start;
  for (const { type, value } of attributes) {
    const nested = !(value instanceof Uint8Array);
    const from = at + ATTRIBUTE_HEADER_BYTES;
    const end = nested ? writeAttributes(bytes, out, from, value) : from + value.length;
    if (!nested) bytes.set(value, from);
    out.setUint16(at, end - at, true);
    out.setUint16(at + 2, nested ? type | NLA_F_NESTED : type, true);
    at += align(end - at);
  }
  return at;
}

function listBytes(attributes: readonly Attribute[]): number {
  return attributes.reduce((sum, { value }) => sum + ATTRIBUTE_HEADER_BYTES + align(valueBytes(value)), 0);
}

function valueBytes(value: Attribute["value"]): number {
  return value instanceof Uint8Array ? value.length : listBytes(value);
}

/** The messages of one datagram. A message cut short, which the kernel never sends, ends the list. */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const header = view(bytes.subarray(at));
    const length = header.getUint32(0, true);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    messages.push({
      type: header.getUint16(4, true),
      flags: header.getUint16(6, true),
      sequence: header.getUint32(8, true),
      payload: bytes.subarray(at + HEADER_BYTES, at + length),
    });
    at += align(length);
  }
  return messages;
}

/** The attributes of a netfilter message, that is, what follows its nfgenmsg. */
export function messageAttributes(payload: Uint8Array): ReceivedAttribute[] {
  return decodeAttributes(payload.subarray(NFGENMSG_BYTES));
}

/** A received attribute: whether its payload holds attributes is known to its reader only. */
export interface ReceivedAttribute {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** The attributes in `bytes`, in order. */
export function decodeAttributes(bytes: Uint8Array): ReceivedAttribute[] {
  const attributes: ReceivedAttribute[] = [];
  for (let at = 0; at + ATTRIBUTE_HEADER_BYTES <= bytes.length; ) {
    const header = view(bytes.subarray(at));
    const length = header.getUint16(0, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    const payload = bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length);
    attributes.push({ type: header.getUint16(2, true) & NLA_TYPE_MASK, payload });
    at += align(length);
  }
  return attributes;
}

function align(length: number): number {
  return (length + 3) & ~3;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
