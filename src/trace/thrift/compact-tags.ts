/**
 * Tags in TCompactProtocol. The bytes before a value depend only on key and type, so they are made once per key; a
 * constant tag is made once as a whole. (jaeger.thrift `Tag`: 1 key, 2 vType, 3 vStr, 4 vDouble, 5 vBool, 6 vLong.)
 */
import { ReadyTags } from "../ready-tags.ts";
import { type ConstantTag, TagKind } from "../tag.ts";
import { writeVarint } from "./varint.ts";

/** vType as a zigzag varint behind its field header, then the header of the value's field. */
const VALUE_HEADERS: Record<number, readonly number[]> = {
  [TagKind.Text]: [0x15, 0x00, 0x18],
  [TagKind.Double]: [0x15, 0x02, 0x27],
  [TagKind.Bool]: [0x15, 0x04],
  [TagKind.Long]: [0x15, 0x06, 0x46],
};
export const BOOL_TRUE = 0x31;
export const BOOL_FALSE = 0x32;
export const STOP = 0x00;

/** Up to the value, or all of a constant tag. */
export const readyTags = new ReadyTags({ prefix, constantTag });

function prefix(key: string, kind: TagKind): Uint8Array {
  return Buffer.concat([Buffer.of(0x18), textBytes(key), Buffer.from(VALUE_HEADERS[kind]!)]);
}

function constantTag(tag: ConstantTag): Uint8Array {
  return Buffer.concat([prefix(tag.key.name, tag.kind), constantValue(tag), Buffer.of(STOP)]);
}

/** A whole text tag: for what is encoded once, such as the tags of the process. */
export function textTag(key: string, value: string): Uint8Array {
  return Buffer.concat([prefix(key, TagKind.Text), textBytes(value), Buffer.of(STOP)]);
}

function constantValue({ value }: ConstantTag): Uint8Array {
  return typeof value === "string" ? textBytes(value) : Buffer.of(value ? BOOL_TRUE : BOOL_FALSE);
}

/** A string with its length before it, as UTF-8. */
export function textBytes(text: string): Uint8Array {
  const utf8 = Buffer.from(text);
  const length = Buffer.alloc(5);
  return Buffer.concat([length.subarray(0, writeVarint(length, 0, utf8.length)), utf8]);
}
