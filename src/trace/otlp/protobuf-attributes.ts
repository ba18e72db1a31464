/**
 * Attributes (common.proto `KeyValue` and `AnyValue`) as field 9 of a span. The key's bytes are made once, a constant
 * tag is made once as a whole.
 */
import { copyWords } from "../copy.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import { ReadyTags } from "../ready-tags.ts";
import type { Span } from "../span.ts";
import { type ConstantTag, TagKind } from "../tag.ts";
import { writeVarint, writeVarint64 } from "../thrift/varint.ts";
import { isAttribute } from "./meaning.ts";
import { field, textField, varint64Bytes, varintBytes } from "./protobuf.ts";
import { findText, found } from "./text.ts";

const ATTRIBUTE = 0x4a;
const VALUE = 0x12;
const STRING_VALUE = 0x0a;
const BOOL_VALUE = 0x10;
const INT_VALUE = 0x18;
const DOUBLE_VALUE = 0x21;
/** An attribute without its key and text: four headers, three lengths or a number. */
const FRAME_MAX_BYTES = 32;

/** The key and the header of its value, or all of a constant tag. */
const readyTags = new ReadyTags({ prefix, constantTag });

/** Writes the span's attributes at `at` and returns the position after them, or NO_ROOM. */
export function writeAttributes(packet: Packet, at: number, span: Span): number {
  const { tape, tagCount } = span;
  let to = at;
  for (let word = 0; word < 3 * tagCount && to !== NO_ROOM; word += 3) {
    if (isAttribute(tape[word]!)) to = writeAttribute(packet, to, span, word);
  }
  return to;
}

function writeAttribute(packet: Packet, at: number, span: Span, word: number): number {
  const { bytes, view } = packet;
  const tag = span.tape[word]!;
  const kind = tag & 7;
  const ready = readyTags.of(tag);
  const first = span.tape[word + 1]!;
  const second = span.tape[word + 2]!;
  if (kind === TagKind.Text) findText(span, first, second);
  const textBytes = kind === TagKind.Text ? found.length : 0;
  if (at + ready.length + textBytes + FRAME_MAX_BYTES > bytes.length) return NO_ROOM;
  if (kind === TagKind.Constant) return copyWords(view, at, ready.view, 0, ready.length);
  const valueBytes = anyValueBytes(kind, textBytes, first, second);
  bytes[at] = ATTRIBUTE;
  let to = writeVarint(bytes, at + 1, ready.length + varintBytes(valueBytes) + valueBytes);
  to = copyWords(view, to, ready.view, 0, ready.length);
  to = writeVarint(bytes, to, valueBytes);
  return kind === TagKind.Text ? writeText(packet, to) : writeNumber(packet, to, kind, first, second);
}

/** The length of an AnyValue. */
function anyValueBytes(kind: number, textBytes: number, hi: number, lo: number): number {
  if (kind === TagKind.Text) return 1 + varintBytes(textBytes) + textBytes;
  if (kind === TagKind.Long) return 1 + varint64Bytes(hi, lo);
  return kind === TagKind.Double ? 9 : 2;
}

function writeText({ bytes, view }: Packet, at: number): number {
  bytes[at] = STRING_VALUE;
  const to = writeVarint(bytes, at + 1, found.length);
  return copyWords(view, to, found.view, found.start, found.length);
}

function writeNumber({ bytes, view }: Packet, at: number, kind: number, hi: number, lo: number): number {
  if (kind === TagKind.Long) {
    bytes[at] = INT_VALUE;
    return writeVarint64(bytes, at + 1, hi, lo);
  }
  if (kind === TagKind.Bool) {
    bytes[at] = BOOL_VALUE;
    bytes[at + 1] = hi;
    return at + 2;
  }
  bytes[at] = DOUBLE_VALUE;
  view.setInt32(at + 1, lo, true);
  view.setInt32(at + 5, hi, true);
  return at + 9;
}

function prefix(key: string): Uint8Array {
  return Buffer.concat([textField(1, key), Buffer.of(VALUE)]);
}

function constantTag(tag: ConstantTag): Uint8Array {
  return field(9, constantKeyValue(tag));
}

function constantKeyValue({ key, value }: ConstantTag): Uint8Array {
  if (typeof value === "string") return textKeyValue(key.name, value);
  return Buffer.concat([textField(1, key.name), field(2, Buffer.of(BOOL_VALUE, value ? 1 : 0))]);
}

/** A KeyValue with a text: for what is encoded once, such as the attributes of the resource. */
export function textKeyValue(key: string, value: string): Uint8Array {
  return Buffer.concat([textField(1, key), field(2, textField(1, value))]);
}
